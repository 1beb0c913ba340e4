<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>HomePage</name>
    <message numerus="yes">
        <source>%n runs in {folder}, {size}</source>
        <translation>
            <numerusform>%n run in {folder}, {size}</numerusform>
            <numerusform>%n runs in {folder}, {size}</numerusform>
        </translation>
    </message>
</context>
</TS>
