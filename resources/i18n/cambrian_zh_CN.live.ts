<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>FitnessCard</name>
    <message>
        <source>Fitness</source>
        <translation>适应度</translation>
    </message>
    <message>
        <source>each point one network · band: middle half of the fully trained</source>
        <translation>每点一个网络 · 色带：训练完整者的中间一半</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目标</translation>
    </message>
</context>
<context>
    <name>GenealogyCard</name>
    <message>
        <source>Genealogy</source>
        <translation>谱系</translation>
    </message>
    <message>
        <source>bright: good · lines: parent to child · bold: the best one&apos;s lineage</source>
        <translation>越亮越好 · 细线：亲代到子代 · 粗线：最优者的血统</translation>
    </message>
</context>
<context>
    <name>LeadersCard</name>
    <message>
        <source>Best individuals</source>
        <translation>最优个体</translation>
    </message>
    <message>
        <source>double-click opens one</source>
        <translation>双击查看</translation>
    </message>
    <message>
        <source>The best networks are listed here after the first generation.</source>
        <translation>第一代训练完后，最好的网络列在这里。</translation>
    </message>
</context>
<context>
    <name>Live</name>
    <message>
        <source>Generation {number}</source>
        <translation>第 {number} 代</translation>
    </message>
    <message>
        <source>{strategy}, population {population}</source>
        <translation>{strategy}，种群 {population}</translation>
    </message>
    <message>
        <source>seed {seed}</source>
        <translation>种子 {seed}</translation>
    </message>
    <message>
        <source>Stops after this generation</source>
        <translation>本代结束后停止</translation>
    </message>
    <message>
        <source>Stops now</source>
        <translation>正在停止</translation>
    </message>
    <message>
        <source>Pausing: what trains is parked after its epoch</source>
        <translation>正在暂停：训练中的网络在本轮结束后存放</translation>
    </message>
    <message>
        <source>Reads the data and measures the pace</source>
        <translation>正在读取数据并测量速度</translation>
    </message>
    <message>
        <source>Trains the finalists again and writes the model</source>
        <translation>正在重新训练入围者并生成模型</translation>
    </message>
    <message>
        <source>minimise {metric}</source>
        <translation>最小化 {metric}</translation>
    </message>
    <message>
        <source>maximise {metric}</source>
        <translation>最大化 {metric}</translation>
    </message>
    <message>
        <source>genetic</source>
        <translation>遗传算法</translation>
    </message>
    <message>
        <source>at random</source>
        <translation>随机搜索</translation>
    </message>
    <message>
        <source>validation {metric}</source>
        <translation>验证集 {metric}</translation>
    </message>
    <message>
        <source>validation loss</source>
        <translation>验证损失</translation>
    </message>
    <message>
        <source>Best so far</source>
        <translation>当前最优</translation>
    </message>
    <message>
        <source>no network has a value so far</source>
        <translation>还没有网络得到结果</translation>
    </message>
    <message>
        <source>known after the first generation</source>
        <translation>第一代结束后可知</translation>
    </message>
    <message>
        <source>individual {number}, generation {generation}</source>
        <translation>个体 {number}，第 {generation} 代</translation>
    </message>
    <message>
        <source>equal to {name} ({value})</source>
        <translation>与{name}（{value}）持平</translation>
    </message>
    <message>
        <source>{amount} below {name} ({value})</source>
        <translation>比{name}（{value}）低 {amount}</translation>
    </message>
    <message>
        <source>{amount} above {name} ({value})</source>
        <translation>比{name}（{value}）高 {amount}</translation>
    </message>
    <message>
        <source>Evaluated</source>
        <translation>已评估</translation>
    </message>
    <message>
        <source>{count} a minute</source>
        <translation>每分钟 {count} 个</translation>
    </message>
    <message>
        <source>begins when the pace is known</source>
        <translation>测得速度后开始</translation>
    </message>
    <message>
        <source>the first networks train</source>
        <translation>首批网络正在训练</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>剩余时间</translation>
    </message>
    <message>
        <source>Time used</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>{time} used</source>
        <translation>已用 {time}</translation>
    </message>
    <message>
        <source>the last generation</source>
        <translation>最后一代</translation>
    </message>
    <message>
        <source>stands still: paused</source>
        <translation>已暂停，不计时</translation>
    </message>
    <message>
        <source>ends {time}</source>
        <translation>{time} 结束</translation>
    </message>
    <message>
        <source>the result is there</source>
        <translation>结果已就绪</translation>
    </message>
    <message>
        <source>Resume goes on from here</source>
        <translation>可从这里继续</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>no process executes the run</source>
        <translation>没有进程在执行</translation>
    </message>
    <message>
        <source>{percent}% busy so far</source>
        <translation>至今 {percent}% 忙碌</translation>
    </message>
    <message>
        <source>all wait: paused</source>
        <translation>已暂停，全部等待</translation>
    </message>
    <message>
        <source>they start</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>the data is prepared</source>
        <translation>正在准备数据</translation>
    </message>
    <message>
        <source>they wait for the next networks</source>
        <translation>等待下一批网络</translation>
    </message>
    <message>
        <source>Individual {number}, place {place} in generation {generation}</source>
        <translation>个体 {number}，第 {generation} 代第 {place} 名</translation>
    </message>
    <message>
        <source>it failed</source>
        <translation>训练失败</translation>
    </message>
    <message>
        <source>from {parents}: {changes}</source>
        <translation>来自 {parents}：{changes}</translation>
    </message>
</context>
<context>
    <name>LiveCounts</name>
    <message numerus="yes">
        <source>%n culled</source>
        <translation>
            <numerusform>淘汰 %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>失败 %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n generations more</source>
        <translation>
            <numerusform>还有 %n 代</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n trainings go on</source>
        <translation>
            <numerusform>%n 项训练进行中</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LivePage</name>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>What trains is parked after its epoch.</source>
        <translation>训练中的网络在本轮结束后存放。</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>The run goes on where it stood.</source>
        <translation>从停下的地方继续运行。</translation>
    </message>
    <message>
        <source>Stop after this generation</source>
        <translation>本代后停止</translation>
    </message>
    <message>
        <source>The generation is trained to its end, then the model is made.</source>
        <translation>训练完这一代，然后生成模型。</translation>
    </message>
    <message>
        <source>Stop now</source>
        <translation>立即停止</translation>
    </message>
    <message>
        <source>Training ends at once; the model is made from what was found so far.</source>
        <translation>马上结束训练，用目前找到的网络生成模型。</translation>
    </message>
    <message>
        <source>See the model</source>
        <translation>查看模型</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>The run is being read.</source>
        <translation>正在读取运行记录。</translation>
    </message>
    <message>
        <source>asked; the run answers in a moment</source>
        <translation>请求已发出，运行稍后响应</translation>
    </message>
    <message>
        <source>Nothing that was finished is lost.</source>
        <translation>已完成的部分都还在。</translation>
    </message>
    <message>
        <source>Its log ends with: {words}</source>
        <translation>日志的最后一行：{words}</translation>
    </message>
    <message>
        <source>The run ended unexpectedly: its process is gone.</source>
        <translation>运行意外终止：它的进程已不存在。</translation>
    </message>
    <message>
        <source>The run was interrupted.</source>
        <translation>运行被中断。</translation>
    </message>
    <message>
        <source>Everything up to here is kept; it can go on at any time.</source>
        <translation>到此为止的内容都已保存，随时可以继续。</translation>
    </message>
    <message>
        <source>The run failed.</source>
        <translation>运行失败。</translation>
    </message>
    <message>
        <source>The log below has the reason.</source>
        <translation>原因见下方日志。</translation>
    </message>
</context>
<context>
    <name>LogCard</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>the latest first</source>
        <translation>最新的在前</translation>
    </message>
    <message>
        <source>Open the log file</source>
        <translation>打开日志文件</translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>Generation shown</source>
        <translation>显示到的代</translation>
    </message>
    <message>
        <source>Stop the replay</source>
        <translation>停止回放</translation>
    </message>
    <message>
        <source>Replay the generations</source>
        <translation>逐代回放</translation>
    </message>
    <message>
        <source>up to generation {number}</source>
        <translation>到第 {number} 代</translation>
    </message>
</context>
<context>
    <name>TrainingCard</name>
    <message>
        <source>Training now</source>
        <translation>正在训练</translation>
    </message>
    <message>
        <source>Trained last</source>
        <translation>最近的训练</translation>
    </message>
    <message numerus="yes">
        <source>%n trainings · culled ones fade</source>
        <translation>
            <numerusform>%n 项训练 · 被淘汰者变淡</numerusform>
        </translation>
    </message>
    <message>
        <source>Learning curves</source>
        <translation>学习曲线</translation>
    </message>
</context>
</TS>
