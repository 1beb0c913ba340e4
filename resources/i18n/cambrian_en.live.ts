<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>LiveCounts</name>
    <message numerus="yes">
        <source>%n culled</source>
        <translation>
            <numerusform>%n culled</numerusform>
            <numerusform>%n culled</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n generations more</source>
        <translation>
            <numerusform>%n generation more</numerusform>
            <numerusform>%n generations more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n trainings go on</source>
        <translation>
            <numerusform>%n training goes on</numerusform>
            <numerusform>%n trainings go on</numerusform>
        </translation>
    </message>
</context>
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
