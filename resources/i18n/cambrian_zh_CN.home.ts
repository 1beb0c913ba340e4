<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>Events</name>
    <message>
        <source>Run {run} begins or goes on; workers: {count}</source>
        <translation>运行 {run} 开始或继续；工作进程 {count} 个</translation>
    </message>
    <message>
        <source>Data prepared: {rows} rows, {features} features; {training} rows to train and validate, {test} to test</source>
        <translation>数据已就绪：{rows} 行、{features} 个特征；{training} 行用于训练与验证，{test} 行用于测试</translation>
    </message>
    <message>
        <source>Generation {generation} begins; networks: {count}</source>
        <translation>第 {generation} 代开始；网络 {count} 个</translation>
    </message>
    <message>
        <source>Rung {rung}: {kept} of {cohort} networks go on</source>
        <translation>第 {rung} 级：{cohort} 个网络中有 {kept} 个继续训练</translation>
    </message>
    <message>
        <source>Generation {generation} ended; none has a value yet</source>
        <translation>第 {generation} 代结束；尚无网络得出结果</translation>
    </message>
    <message>
        <source>Generation {generation} ended; best so far {best} (no. {number})</source>
        <translation>第 {generation} 代结束；目前最好：{best}（{number} 号）</translation>
    </message>
    <message>
        <source>; failed: {count}</source>
        <translation>；失败 {count} 个</translation>
    </message>
    <message>
        <source>Search over; networks: {count}, workers {busy} % busy</source>
        <translation>搜索结束；共 {count} 个网络，工作进程忙碌率 {busy}%</translation>
    </message>
    <message>
        <source>Finalists that train again from scratch: {count}</source>
        <translation>{count} 个决选网络从头重新训练</translation>
    </message>
    <message>
        <source>Baselines on the first fold: {values}</source>
        <translation>基线（第一折）：{values}</translation>
    </message>
    <message>
        <source>Population {population}, {epochs} epochs at most, rungs at epochs {rungs}, {folds} folds</source>
        <translation>种群 {population} 个，至多 {epochs} 轮，在第 {rungs} 轮筛选，{folds} 折</translation>
    </message>
    <message>
        <source>Asked to pause: what trains is parked after its epoch</source>
        <translation>已请求暂停：训练中的网络跑完当前轮后停放</translation>
    </message>
    <message>
        <source>Paused: what trained is parked</source>
        <translation>已暂停：训练中的网络已停放</translation>
    </message>
    <message>
        <source>Goes on</source>
        <translation>继续运行</translation>
    </message>
    <message>
        <source>Interrupted; it can be resumed from here</source>
        <translation>已中断；可从此处继续</translation>
    </message>
    <message>
        <source>Every genome of the search space was evaluated</source>
        <translation>搜索空间中的所有基因组都已评估</translation>
    </message>
    <message>
        <source>The model is written again from the run&apos;s networks</source>
        <translation>正用本次运行的网络重新写出模型</translation>
    </message>
    <message>
        <source>The database can be written again; the run goes on</source>
        <translation>数据库又可写入；运行继续</translation>
    </message>
    <message>
        <source>The result is there</source>
        <translation>结果已出</translation>
    </message>
</context>
<context>
    <name>EventsModel</name>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>事件</translation>
    </message>
</context>
<context>
    <name>Home</name>
    <message>
        <source>Its process ended before it was done: it was killed, or the machine went down. Everything up to then is kept; Resume goes on from there.</source>
        <translation>进程未完成就结束了：可能被终止，或机器关机。此前的结果全部保留；点“继续”即可从那里接着运行。</translation>
    </message>
    <message>
        <source>It was interrupted. Resume goes on from where it stood.</source>
        <translation>运行已中断。点“继续”即可从原处接着运行。</translation>
    </message>
    <message>
        <source>It is paused. Resume goes on.</source>
        <translation>运行已暂停。点“继续”即可接着运行。</translation>
    </message>
</context>
<context>
    <name>HomePage</name>
    <message>
        <source>New experiment</source>
        <translation>新建实验</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Find a run</source>
        <translation>查找运行</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>显示文件夹</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Drop a table here</source>
        <translation>把表格拖到这里</translation>
    </message>
    <message>
        <source>CSV, Excel, Parquet and others. Cambrian evolves neural networks for it and says how much better they predict than simpler models. A sample shows how that goes.</source>
        <translation>支持 CSV、Excel、Parquet 等格式。Cambrian 会为它进化神经网络，并告诉您预测比简单模型好多少。先用示例数据试一试也行。</translation>
    </message>
    <message>
        <source>Drop a table here to begin another experiment.</source>
        <translation>把表格拖到这里，即可开始新的实验。</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Try the penguins sample</source>
        <translation>试用企鹅示例数据</translation>
    </message>
    <message>
        <source>Choose a table</source>
        <translation>选择表格</translation>
    </message>
    <message>
        <source>No run yet in {folder}</source>
        <translation>{folder} 中还没有运行</translation>
    </message>
    <message numerus="yes">
        <source>%n runs in {folder}, {size}</source>
        <translation>
            <numerusform>{folder} 中共 %n 次运行，占用 {size}</numerusform>
        </translation>
    </message>
    <message>
        <source>Home</source>
        <translation>主页</translation>
    </message>
    <message>
        <source>A run that goes on must be stopped first.</source>
        <translation>正在进行的运行须先停止。</translation>
    </message>
    <message>
        <source>The run {run} was deleted.</source>
        <translation>已删除运行 {run}。</translation>
    </message>
</context>
<context>
    <name>IndividualsModel</name>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Generation</source>
        <translation>代</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>What changed</source>
        <translation>改动</translation>
    </message>
    <message>
        <source>Parents</source>
        <translation>亲本</translation>
    </message>
    <message>
        <source>in training</source>
        <translation>训练中</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>无结果</translation>
    </message>
</context>
<context>
    <name>LeadersModel</name>
    <message>
        <source>Place</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>What changed</source>
        <translation>改动</translation>
    </message>
    <message>
        <source>Generation</source>
        <translation>代</translation>
    </message>
</context>
<context>
    <name>Operation</name>
    <message>
        <source>Try again in a moment.</source>
        <translation>请稍后再试。</translation>
    </message>
    <message>
        <source>{file} cannot be used: {reason}.</source>
        <translation>无法使用 {file}：{reason}。</translation>
    </message>
    <message>
        <source>Check that its folder is there, has room and may be written to.</source>
        <translation>请检查其文件夹是否存在、有空间且可写。</translation>
    </message>
</context>
<context>
    <name>RunProcess</name>
    <message>
        <source>No process executes the run {id}.</source>
        <translation>没有进程在执行运行 {id}。</translation>
    </message>
    <message>
        <source>Resume it; what was done is kept.</source>
        <translation>请点“继续”；已完成的部分都会保留。</translation>
    </message>
    <message>
        <source>The run {id} goes on: a process executes it.</source>
        <translation>运行 {id} 仍在进行：有进程正在执行。</translation>
    </message>
    <message>
        <source>Stop it first, then delete it.</source>
        <translation>请先停止，再删除。</translation>
    </message>
    <message>
        <source>There is another run {id} by now.</source>
        <translation>现在已有另一个名为 {id} 的运行。</translation>
    </message>
    <message>
        <source>The deleted one lies in {place}.</source>
        <translation>被删除的那个在 {place}。</translation>
    </message>
    <message>
        <source>The run&apos;s process ended before the run began (status {status}).</source>
        <translation>进程在运行开始前就结束了（状态 {status}）。</translation>
    </message>
    <message>
        <source>What it printed is in {file}.</source>
        <translation>它的输出在 {file}。</translation>
    </message>
</context>
<context>
    <name>RunWatcher</name>
    <message>
        <source>Close the program that holds the file.</source>
        <translation>请关闭占用该文件的程序。</translation>
    </message>
    <message>
        <source>Individual {number} cannot be read: {error}.</source>
        <translation>无法读取个体 {number}：{error}。</translation>
    </message>
</context>
<context>
    <name>RunsModel</name>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Best so far</source>
        <translation>目前最好</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进展</translation>
    </message>
    <message>
        <source>Generations</source>
        <translation>代数</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>开始时间</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>占用空间</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>from {first} to {last}</source>
        <translation>从 {first} 到 {last}</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>Preparing</source>
        <translation>准备中</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Finishing</source>
        <translation>收尾中</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Ended unexpectedly</source>
        <translation>意外结束</translation>
    </message>
    <message>
        <source>Cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>Log-loss</source>
        <translation>对数损失</translation>
    </message>
    <message>
        <source>Brier score</source>
        <translation>Brier 分数</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Balanced accuracy</source>
        <translation>平衡准确率</translation>
    </message>
    <message>
        <source>Macro F1</source>
        <translation>宏平均 F1</translation>
    </message>
    <message>
        <source>F1</source>
        <translation>F1</translation>
    </message>
    <message>
        <source>ROC AUC</source>
        <translation>ROC AUC</translation>
    </message>
    <message>
        <source>Average precision</source>
        <translation>平均精确率</translation>
    </message>
    <message>
        <source>RMSE</source>
        <translation>RMSE</translation>
    </message>
    <message>
        <source>Mean absolute error</source>
        <translation>平均绝对误差</translation>
    </message>
    <message>
        <source>R²</source>
        <translation>R²</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Training time</source>
        <translation>训练时间</translation>
    </message>
    <message>
        <source>always the commonest answer</source>
        <translation>总猜最常见的答案</translation>
    </message>
    <message>
        <source>linear model</source>
        <translation>线性模型</translation>
    </message>
    <message>
        <source>gradient boosting</source>
        <translation>梯度提升</translation>
    </message>
    <message>
        <source>crossed</source>
        <translation>交叉</translation>
    </message>
    <message>
        <source>mutated</source>
        <translation>变异</translation>
    </message>
    <message>
        <source>newcomer</source>
        <translation>新成员</translation>
    </message>
    <message>
        <source>drawn at random</source>
        <translation>随机抽取</translation>
    </message>
    <message>
        <source>drawn evenly</source>
        <translation>均匀抽取</translation>
    </message>
    <message>
        <source>recipe: {name}</source>
        <translation>成熟配方：{name}</translation>
    </message>
    <message>
        <source>mutated recipe: {name}</source>
        <translation>配方变异：{name}</translation>
    </message>
    <message>
        <source>plain network</source>
        <translation>普通网络</translation>
    </message>
    <message>
        <source>TabM&apos;s network</source>
        <translation>TabM 网络</translation>
    </message>
    <message>
        <source>textbook, ELU</source>
        <translation>教科书式 ELU</translation>
    </message>
    <message>
        <source>textbook, SELU</source>
        <translation>教科书式 SELU</translation>
    </message>
    <message>
        <source>textbook, Adam</source>
        <translation>教科书式 Adam</translation>
    </message>
    <message>
        <source>small network</source>
        <translation>小型网络</translation>
    </message>
    <message>
        <source>large network</source>
        <translation>大型网络</translation>
    </message>
    <message>
        <source>AutoGluon&apos;s network</source>
        <translation>AutoGluon 网络</translation>
    </message>
    <message>
        <source>today {time}</source>
        <translation>今天 {time}</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
</context>
</TS>
