<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>FitnessPlot</name>
    <message>
        <source>median</source>
        <translation>中位</translation>
    </message>
    <message>
        <source>best</source>
        <translation>最优</translation>
    </message>
    <message>
        <source>Generation</source>
        <translation>代</translation>
    </message>
    <message numerus="yes">
        <source>faint: %n culled early</source>
        <translation>
            <numerusform>浅色：%n 个提前淘汰</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>失败 %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>None of %n networks has a value so far: all failed.</source>
        <translation>
            <numerusform>%n 个网络都没有得到结果：全部失败。</numerusform>
        </translation>
    </message>
    <message>
        <source>Each network will be a point here, as soon as the first generation is trained.</source>
        <translation>第一代训练完后，每个网络会成为这里的一个点。</translation>
    </message>
    <message>
        <source>Individual {number}, generation {generation}: {unit} {value}</source>
        <translation>个体 {number}，第 {generation} 代：{unit} {value}</translation>
    </message>
    <message>
        <source>culled early, after less training</source>
        <translation>提前淘汰，训练较少</translation>
    </message>
    <message>
        <source>Generation {number}</source>
        <translation>第 {number} 代</translation>
    </message>
    <message>
        <source>best so far {value}</source>
        <translation>当前最优 {value}</translation>
    </message>
    <message>
        <source>median {value}</source>
        <translation>中位 {value}</translation>
    </message>
    <message>
        <source>middle half {low} to {high}</source>
        <translation>中间一半 {low} 至 {high}</translation>
    </message>
</context>
<context>
    <name>GenealogyPlot</name>
    <message>
        <source>Generation</source>
        <translation>代</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>The family tree grows here, generation by generation.</source>
        <translation>谱系会在这里逐代生长。</translation>
    </message>
    <message numerus="yes">
        <source>grey: %n failed</source>
        <translation>
            <numerusform>灰色：%n 个失败</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LearningCurves</name>
    <message>
        <source>Epoch</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>The training diverged at once: there is no value to draw.</source>
        <translation>训练一开始就发散了，没有可画的数值。</translation>
    </message>
    <message>
        <source>The learning curves appear here when the first epoch is trained.</source>
        <translation>训练完第一轮后，这里会出现学习曲线。</translation>
    </message>
    <message>
        <source>ring: the epoch that was kept</source>
        <translation>圆圈：保留的那一轮</translation>
    </message>
    <message numerus="yes">
        <source>%n diverged</source>
        <translation>
            <numerusform>%n 条发散</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}, epoch {epoch}: {value}</source>
        <translation>{name}，第 {epoch} 轮：{value}</translation>
    </message>
</context>
<context>
    <name>PlotWords</name>
    <message>
        <source>logarithmic scale</source>
        <translation>对数坐标</translation>
    </message>
    <message numerus="yes">
        <source>%n beyond the range</source>
        <translation>
            <numerusform>%n 个超出范围</numerusform>
        </translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Save as PNG…</source>
        <translation>保存为 PNG…</translation>
    </message>
    <message>
        <source>Save as SVG…</source>
        <translation>保存为 SVG…</translation>
    </message>
    <message>
        <source>Save values as CSV…</source>
        <translation>将数值保存为 CSV…</translation>
    </message>
</context>
<context>
    <name>ScoresPlot</name>
    <message>
        <source>smaller is better</source>
        <translation>越小越好</translation>
    </message>
    <message>
        <source>larger is better</source>
        <translation>越大越好</translation>
    </message>
    <message>
        <source>The scores will stand here when the run is complete.</source>
        <translation>运行完成后，成绩会显示在这里。</translation>
    </message>
</context>
<context>
    <name>TrainingPlot</name>
    <message>
        <source>no. {number}</source>
        <translation>{number} 号</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>The learning curves of the networks in training appear here.</source>
        <translation>训练中网络的学习曲线会出现在这里。</translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>失败 %n</numerusform>
        </translation>
    </message>
    <message>
        <source>Individual {number}, fold {fold}, epoch {epoch}: {value}</source>
        <translation>个体 {number}，第 {fold} 折，第 {epoch} 轮：{value}</translation>
    </message>
    <message>
        <source>culled at epoch {epoch}</source>
        <translation>在第 {epoch} 轮被淘汰</translation>
    </message>
    <message>
        <source>failed at epoch {epoch}</source>
        <translation>在第 {epoch} 轮失败</translation>
    </message>
</context>
<context>
    <name>export</name>
    <message>
        <source>The file cannot be written: {why}.</source>
        <translation>文件无法写入：{why}。</translation>
    </message>
    <message>
        <source>Choose another folder or name.</source>
        <translation>请换一个文件夹或文件名。</translation>
    </message>
</context>
</TS>
