<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>FitnessPlot</name>
    <message numerus="yes">
        <source>faint: %n culled early</source>
        <translation>
            <numerusform>faint: %n culled early</numerusform>
            <numerusform>faint: %n culled early</numerusform>
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
        <source>None of %n networks has a value so far: all failed.</source>
        <translation>
            <numerusform>The only network so far failed: it has no value.</numerusform>
            <numerusform>None of %n networks has a value so far: all failed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>GenealogyPlot</name>
    <message numerus="yes">
        <source>grey: %n failed</source>
        <translation>
            <numerusform>grey: %n failed</numerusform>
            <numerusform>grey: %n failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LearningCurves</name>
    <message numerus="yes">
        <source>%n diverged</source>
        <translation>
            <numerusform>%n diverged</numerusform>
            <numerusform>%n diverged</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlotWords</name>
    <message numerus="yes">
        <source>%n beyond the range</source>
        <translation>
            <numerusform>%n beyond the range</numerusform>
            <numerusform>%n beyond the range</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrainingPlot</name>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
</context>
</TS>
