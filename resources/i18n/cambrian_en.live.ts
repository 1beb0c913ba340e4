<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>TrainingCard</name>
    <message numerus="yes">
        <source>%n trainings · culled ones fade</source>
        <translation>
            <numerusform>%n training</numerusform>
            <numerusform>%n trainings · culled ones fade</numerusform>
        </translation>
    </message>
</context>
</TS>
