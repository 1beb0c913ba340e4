<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>ColumnTable</name>
    <message>
        <source>Role of {column}</source>
        <translation>“{column}”的角色</translation>
    </message>
    <message>
        <source>leave it out</source>
        <translation>不使用</translation>
    </message>
    <message>
        <source>automatic: {role}</source>
        <translation>自动：{role}</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
</context>
<context>
    <name>ColumnsModel</name>
    <message>
        <source>column</source>
        <translation>列</translation>
    </message>
    <message>
        <source>role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>distribution</source>
        <translation>分布</translation>
    </message>
    <message>
        <source>range or values</source>
        <translation>范围或取值</translation>
    </message>
    <message>
        <source>note</source>
        <translation>提示</translation>
    </message>
    <message numerus="yes">
        <source>%n missing</source>
        <translation>
            <numerusform>缺失 %n 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DataCard</name>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation>换文件…</translation>
    </message>
    <message>
        <source>Search columns</source>
        <translation>搜索列</translation>
    </message>
    <message>
        <source>Only with warnings</source>
        <translation>只看有警告的列</translation>
    </message>
    <message>
        <source>Columns of the table</source>
        <translation>数据表的各列</translation>
    </message>
    <message>
        <source>How the file is read</source>
        <translation>读取方式</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>行</translation>
    </message>
    <message>
        <source>columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>missing cells</source>
        <translation>缺失单元格</translation>
    </message>
    <message>
        <source>repeated rows</source>
        <translation>重复行</translation>
    </message>
    <message numerus="yes">
        <source>%n different values</source>
        <translation>
            <numerusform>%n 个不同取值</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n missing</source>
        <translation>
            <numerusform>缺失 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>mean {mean}</source>
        <translation>均值 {mean}</translation>
    </message>
    <message>
        <source>median {median}</source>
        <translation>中位数 {median}</translation>
    </message>
</context>
<context>
    <name>EvolutionCard</name>
    <message>
        <source>Evolution</source>
        <translation>进化</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Population</source>
        <translation>种群</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>Strategy</source>
        <translation>策略</translation>
    </message>
    <message>
        <source>genetic: the best have children</source>
        <translation>遗传算法：优者繁衍</translation>
    </message>
    <message>
        <source>random search</source>
        <translation>随机搜索</translation>
    </message>
    <message>
        <source>From start to written result; a run can be stopped at any time.</source>
        <translation>从开始到写出结果；运行可随时停止。</translation>
    </message>
    <message>
        <source>Networks of a generation.</source>
        <translation>每一代的网络个数。</translation>
    </message>
    <message>
        <source>Processes that train at the same time.</source>
        <translation>同时训练的进程数。</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message numerus="yes">
        <source>%n cores</source>
        <translation>
            <numerusform>%n 核</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>automatic: %n</source>
        <translation>
            <numerusform>自动：%n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExpertFields</name>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Seed of the search and of every network: the same seed gives the same run.</source>
        <translation>搜索和每个网络的随机种子：种子相同，结果相同。</translation>
    </message>
    <message>
        <source>0</source>
        <translation>0</translation>
    </message>
    <message>
        <source>Test file</source>
        <translation>测试文件</translation>
    </message>
    <message>
        <source>A table that holds the test rows; without one they are split off.</source>
        <translation>存放测试行的数据表；不指定则从数据中划出。</translation>
    </message>
    <message>
        <source>split off</source>
        <translation>从数据中划出</translation>
    </message>
    <message>
        <source>Test part</source>
        <translation>测试比例</translation>
    </message>
    <message>
        <source>Part of the rows that is kept for the one test at the end.</source>
        <translation>留作最后一次测试的行所占比例。</translation>
    </message>
    <message>
        <source>Split seed</source>
        <translation>划分种子</translation>
    </message>
    <message>
        <source>Seed of the split into training, folds and test rows.</source>
        <translation>划分训练、各折和测试行所用的种子。</translation>
    </message>
    <message>
        <source>Folds</source>
        <translation>折数</translation>
    </message>
    <message>
        <source>Folds of the search; 1 is a single holdout.</source>
        <translation>搜索时交叉验证的折数；1 表示只留一份验证集。</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Generations</source>
        <translation>代数</translation>
    </message>
    <message>
        <source>Ends after so many generations; reproducible.</source>
        <translation>满这么多代即结束；结果可复现。</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>网络数</translation>
    </message>
    <message>
        <source>Ends after so many networks; reproducible.</source>
        <translation>满这么多个网络即结束；结果可复现。</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>训练轮数</translation>
    </message>
    <message>
        <source>Epochs that the longest training takes.</source>
        <translation>最长的一次训练所用的轮数。</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>How many rows a network sees at a time.</source>
        <translation>网络每次看到的行数。</translation>
    </message>
    <message>
        <source>each network its own</source>
        <translation>各网络自定</translation>
    </message>
    <message>
        <source>the largest that fits</source>
        <translation>内存容许的最大值</translation>
    </message>
    <message>
        <source>Species</source>
        <translation>物种数</translation>
    </message>
    <message>
        <source>Most species of a generation: networks of one species train together.</source>
        <translation>每代至多的物种数：同一物种的网络一起训练。</translation>
    </message>
    <message>
        <source>Children for each place</source>
        <translation>每个名额的候选子代</translation>
    </message>
    <message>
        <source>The genetic strategy breeds so many for each network it trains, and a model picks; 1: no model.</source>
        <translation>遗传策略每训练一个网络先繁殖这么多子代，由模型挑选其一；1：不用模型。</translation>
    </message>
    <message>
        <source>Children begin with their parent&apos;s weights</source>
        <translation>子代沿用亲代的权重</translation>
    </message>
    <message>
        <source>Only the genetic strategy has children.</source>
        <translation>只有遗传算法才有子代。</translation>
    </message>
    <message>
        <source>Share of epochs</source>
        <translation>轮数比例</translation>
    </message>
    <message>
        <source>Share of its own epochs that such a child trains.</source>
        <translation>这样的子代训练自身轮数的多大比例。</translation>
    </message>
    <message>
        <source>Memory, MB</source>
        <translation>内存（MB）</translation>
    </message>
    <message>
        <source>Memory that one network may need.</source>
        <translation>单个网络可用的内存。</translation>
    </message>
    <message>
        <source>a quarter of the machine&apos;s</source>
        <translation>本机内存的四分之一</translation>
    </message>
    <message>
        <source>Patience, factor</source>
        <translation>等待倍数</translation>
    </message>
    <message>
        <source>A worker may be silent for so many times the expected seconds of an epoch.</source>
        <translation>工作进程无响应的时间不得超过一轮预计秒数的这么多倍。</translation>
    </message>
    <message>
        <source>Patience, seconds</source>
        <translation>等待秒数</translation>
    </message>
    <message>
        <source>And at least for so many seconds.</source>
        <translation>并且至少等待这么多秒。</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>auto, cpu, mps, cuda, or cuda with numbers as in cuda:0,1.</source>
        <translation>auto、cpu、mps、cuda，或带编号的 cuda，如 cuda:0,1。</translation>
    </message>
    <message>
        <source>auto</source>
        <translation>auto（自动）</translation>
    </message>
    <message>
        <source>Weights kept</source>
        <translation>保留权重</translation>
    </message>
    <message>
        <source>Networks whose weights are kept on disk.</source>
        <translation>在磁盘上保留权重的网络个数。</translation>
    </message>
    <message>
        <source>Faster products on NVIDIA GPUs (TF32)</source>
        <translation>NVIDIA 显卡上加速乘法（TF32）</translation>
    </message>
    <message>
        <source>Products of 10-bit mantissas: results are less alike.</source>
        <translation>尾数只有 10 位的乘法：结果的一致性稍差。</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>What kind of file it is.</source>
        <translation>文件的类型。</translation>
    </message>
    <message>
        <source>separated text (CSV)</source>
        <translation>分隔文本（CSV）</translation>
    </message>
    <message>
        <source>JSON lines</source>
        <translation>JSON 行</translation>
    </message>
    <message>
        <source>Excel workbook</source>
        <translation>Excel 工作簿</translation>
    </message>
    <message>
        <source>SQLite database</source>
        <translation>SQLite 数据库</translation>
    </message>
    <message>
        <source>DuckDB database</source>
        <translation>DuckDB 数据库</translation>
    </message>
    <message>
        <source>Parquet file</source>
        <translation>Parquet 文件</translation>
    </message>
    <message>
        <source>Feather file</source>
        <translation>Feather 文件</translation>
    </message>
    <message>
        <source>Sheet</source>
        <translation>工作表</translation>
    </message>
    <message>
        <source>Sheet of an Excel workbook.</source>
        <translation>Excel 工作簿中的工作表。</translation>
    </message>
    <message>
        <source>its only one</source>
        <translation>唯一的那个</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>数据表</translation>
    </message>
    <message>
        <source>Table or view of a database.</source>
        <translation>数据库中的表或视图。</translation>
    </message>
    <message>
        <source>Query</source>
        <translation>查询</translation>
    </message>
    <message>
        <source>A SELECT to read from a database instead of a table.</source>
        <translation>不读表，而用一条 SELECT 从数据库读取。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Encoding of the text: auto, utf-8, latin-1, cp1252, ...</source>
        <translation>文本编码：auto、utf-8、gb18030、latin-1、cp1252 等。</translation>
    </message>
    <message>
        <source>Separator</source>
        <translation>分隔符</translation>
    </message>
    <message>
        <source>What separates fields: auto, comma, semicolon, tab, pipe, or one character.</source>
        <translation>字段之间的分隔符：auto、comma（逗号）、semicolon（分号）、tab（制表符）、pipe（竖线），或任一字符。</translation>
    </message>
    <message>
        <source>Quotes</source>
        <translation>引号</translation>
    </message>
    <message>
        <source>What quotes fields.</source>
        <translation>字段所用的引号。</translation>
    </message>
    <message>
        <source>double</source>
        <translation>双引号</translation>
    </message>
    <message>
        <source>single</source>
        <translation>单引号</translation>
    </message>
    <message>
        <source>Decimal mark</source>
        <translation>小数点</translation>
    </message>
    <message>
        <source>Mark of decimals in numbers.</source>
        <translation>数字中的小数点符号。</translation>
    </message>
    <message>
        <source>point</source>
        <translation>点</translation>
    </message>
    <message>
        <source>comma</source>
        <translation>逗号</translation>
    </message>
    <message>
        <source>Thousands mark</source>
        <translation>千位分隔符</translation>
    </message>
    <message>
        <source>Mark between thousands.</source>
        <translation>千位之间的符号。</translation>
    </message>
    <message>
        <source>blank</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>apostrophe</source>
        <translation>撇号</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>缺失标记</translation>
    </message>
    <message>
        <source>Words that stand for a missing value, separated by commas; an empty cell always does.</source>
        <translation>表示缺失值的词，用逗号分开；空单元格总算缺失。</translation>
    </message>
    <message>
        <source>empty cells only</source>
        <translation>仅空单元格</translation>
    </message>
    <message>
        <source>The first line holds the names</source>
        <translation>首行为列名</translation>
    </message>
    <message>
        <source>Otherwise the columns are called column_1, column_2, ...</source>
        <translation>否则各列依次叫 column_1、column_2 等。</translation>
    </message>
</context>
<context>
    <name>FieldRow</name>
    <message>
        <source>A whole number is needed.</source>
        <translation>请填整数。</translation>
    </message>
    <message>
        <source>A number is needed.</source>
        <translation>请填数字。</translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message>
        <source>Choose the sheet to read.</source>
        <translation>请选择要读的工作表。</translation>
    </message>
    <message>
        <source>Choose the table to read.</source>
        <translation>请选择要读的表。</translation>
    </message>
    <message>
        <source>Save it as UTF-8, or name its encoding under &apos;How the file is read&apos;.</source>
        <translation>请另存为 UTF-8，或在“读取方式”中指定编码。</translation>
    </message>
    <message>
        <source>Choose another role for the column, or leave it out.</source>
        <translation>请为该列换个角色，或不使用它。</translation>
    </message>
    <message>
        <source>Change it under &apos;How the file is read&apos; or in the expert settings.</source>
        <translation>请在“读取方式”或“专家设置”中更改。</translation>
    </message>
    <message>
        <source>Leave it out</source>
        <translation>不使用此列</translation>
    </message>
    <message>
        <source>Treat as {role}</source>
        <translation>作为“{role}”</translation>
    </message>
    <message>
        <source>Make them one</source>
        <translation>合并为一类</translation>
    </message>
    <message>
        <source>Read without a header</source>
        <translation>按无表头读取</translation>
    </message>
    <message>
        <source>Set the task: {task}</source>
        <translation>任务设为：{task}</translation>
    </message>
    <message>
        <source>Optimise {measure}</source>
        <translation>改为优化{measure}</translation>
    </message>
    <message>
        <source>Count {value} as missing</source>
        <translation>把 {value} 视为缺失</translation>
    </message>
    <message>
        <source>Read it as {encoding}</source>
        <translation>按 {encoding} 读取</translation>
    </message>
    <message>
        <source>always {value}</source>
        <translation>总是 {value}</translation>
    </message>
    <message>
        <source>{count} categories</source>
        <translation>{count} 个类别</translation>
    </message>
    <message>
        <source>day and month may be swapped</source>
        <translation>日与月可能颠倒</translation>
    </message>
    <message>
        <source>not usable as the time</source>
        <translation>不能用作时间</translation>
    </message>
    <message>
        <source>not usable as weights</source>
        <translation>不能用作权重</translation>
    </message>
    <message>
        <source>the rows cannot be split</source>
        <translation>无法划分各行</translation>
    </message>
    <message>
        <source>categories differ only by case or blanks</source>
        <translation>有些类别只差大小写或空格</translation>
    </message>
    <message>
        <source>always the same value</source>
        <translation>取值始终相同</translation>
    </message>
    <message>
        <source>one value only</source>
        <translation>只有一个取值</translation>
    </message>
    <message>
        <source>equal rows of different classes</source>
        <translation>相同的行类别不同</translation>
    </message>
    <message>
        <source>one number is most common</source>
        <translation>某个数字占多数</translation>
    </message>
    <message>
        <source>its name occurred twice</source>
        <translation>列名重复</translation>
    </message>
    <message>
        <source>repeated rows</source>
        <translation>重复行</translation>
    </message>
    <message>
        <source>no value in any row</source>
        <translation>各行都没有值</translation>
    </message>
    <message>
        <source>it had no name</source>
        <translation>原本没有列名</translation>
    </message>
    <message>
        <source>no row has a value</source>
        <translation>没有一行有值</translation>
    </message>
    <message>
        <source>the test file has more columns</source>
        <translation>测试文件的列更多</translation>
    </message>
    <message>
        <source>extreme values</source>
        <translation>有极端值</translation>
    </message>
    <message>
        <source>few different numbers: classes?</source>
        <translation>不同的数字很少：是类别吗？</translation>
    </message>
    <message>
        <source>fewer folds, for a rare class</source>
        <translation>因某类太少而减少折数</translation>
    </message>
    <message>
        <source>free text: letters, not meaning</source>
        <translation>自由文本：只看字面，不看含义</translation>
    </message>
    <message>
        <source>only names the rows</source>
        <translation>只是各行的标识</translation>
    </message>
    <message>
        <source>a class is rare</source>
        <translation>有一类很少</translation>
    </message>
    <message>
        <source>impossible dates count as missing</source>
        <translation>不存在的日期视为缺失</translation>
    </message>
    <message>
        <source>infinite values count as missing</source>
        <translation>无穷大视为缺失</translation>
    </message>
    <message>
        <source>whole numbers taken as classes</source>
        <translation>整数被当作类别</translation>
    </message>
    <message>
        <source>classes differ only by case or blanks</source>
        <translation>有些类只差大小写或空格</translation>
    </message>
    <message>
        <source>tells the target by itself</source>
        <translation>单凭此列就能得知目标</translation>
    </message>
    <message>
        <source>too long to be numbers</source>
        <translation>位数太多，不当作数字</translation>
    </message>
    <message>
        <source>many classes</source>
        <translation>类别很多</translation>
    </message>
    <message>
        <source>more features than rows</source>
        <translation>特征比行还多</translation>
    </message>
    <message>
        <source>its gaps tell of the target</source>
        <translation>缺失与目标有关</translation>
    </message>
    <message>
        <source>a value may stand for missing</source>
        <translation>某个值可能表示缺失</translation>
    </message>
    <message>
        <source>rows without a target are left out</source>
        <translation>没有目标值的行不使用</translation>
    </message>
    <message>
        <source>no column to learn from</source>
        <translation>没有可供学习的列</translation>
    </message>
    <message>
        <source>the first line looks like data</source>
        <translation>首行看上去像数据</translation>
    </message>
    <message>
        <source>no such column</source>
        <translation>没有这一列</translation>
    </message>
    <message>
        <source>some cells do not fit and count as missing</source>
        <translation>有些单元格不合，视为缺失</translation>
    </message>
    <message>
        <source>taken as ordered</source>
        <translation>被当作有序</translation>
    </message>
    <message>
        <source>rows of both files</source>
        <translation>两个文件有相同的行</translation>
    </message>
    <message>
        <source>differs in the test file</source>
        <translation>在测试文件中分布不同</translation>
    </message>
    <message>
        <source>one class only</source>
        <translation>只有一类</translation>
    </message>
    <message>
        <source>a class of one row</source>
        <translation>有一类仅一行</translation>
    </message>
    <message>
        <source>long right tail: its logarithm may be learnt</source>
        <translation>右侧长尾：可能改学其对数</translation>
    </message>
    <message>
        <source>the target differs in the test file</source>
        <translation>测试文件中的目标分布不同</translation>
    </message>
    <message>
        <source>does not suit the task</source>
        <translation>与任务不符</translation>
    </message>
    <message>
        <source>marks between thousands were read</source>
        <translation>识别出了千位分隔符</translation>
    </message>
    <message>
        <source>too few rows</source>
        <translation>行数太少</translation>
    </message>
    <message>
        <source>too many classes</source>
        <translation>类别太多</translation>
    </message>
    <message>
        <source>two classes</source>
        <translation>两个类别</translation>
    </message>
    <message>
        <source>categories that training lacks</source>
        <translation>训练数据中没有的类别</translation>
    </message>
    <message>
        <source>a type that is not read</source>
        <translation>不支持的类型</translation>
    </message>
    <message>
        <source>another type in the test file</source>
        <translation>测试文件中类型不同</translation>
    </message>
    <message>
        <source>Check these cells in the file.</source>
        <translation>请在文件中检查这些单元格。</translation>
    </message>
    <message>
        <source>Choose another target.</source>
        <translation>请换一个目标列。</translation>
    </message>
    <message>
        <source>If it is not known when predicting, leave it out.</source>
        <translation>如果预测时并不知道它，就不要使用。</translation>
    </message>
    <message>
        <source>Write the dates as 2026-11-21 if this is wrong.</source>
        <translation>如果不对，请把日期写成 2026-11-21 的形式。</translation>
    </message>
    <message>
        <source>Choose another column for the time.</source>
        <translation>请换一列作时间。</translation>
    </message>
    <message>
        <source>Weights are numbers of 0 or more: choose another column.</source>
        <translation>权重须为不小于 0 的数：请换一列。</translation>
    </message>
    <message>
        <source>Change what decides the split under Expert settings.</source>
        <translation>请在“专家设置”中调整划分方式。</translation>
    </message>
    <message>
        <source>If they mean the same, write them alike in the file.</source>
        <translation>如果意思相同，请在文件中写成一样。</translation>
    </message>
    <message>
        <source>Check their labels, or add a column that tells them apart.</source>
        <translation>请检查标签，或添加能区分它们的列。</translation>
    </message>
    <message>
        <source>If they are copies, remove them from the file.</source>
        <translation>如果是重复的副本，请从文件中删去。</translation>
    </message>
    <message>
        <source>Give every column its own name in the file.</source>
        <translation>请在文件中给每列不同的名称。</translation>
    </message>
    <message>
        <source>Name it in the first line of the file.</source>
        <translation>请在文件首行为它命名。</translation>
    </message>
    <message>
        <source>If they are classes, choose that as the task.</source>
        <translation>如果是类别，请改选相应的任务。</translation>
    </message>
    <message>
        <source>Columns that say what matters in it are worth more.</source>
        <translation>把其中要紧的内容单独成列更有用。</translation>
    </message>
    <message>
        <source>Merge rare categories in the file, or leave it out.</source>
        <translation>请在文件中合并少见的类别，或不使用此列。</translation>
    </message>
    <message>
        <source>If it means something, choose a role.</source>
        <translation>如果它有意义，请选择角色。</translation>
    </message>
    <message>
        <source>Judge by a measure that counts every class.</source>
        <translation>请改用顾及每一类的指标。</translation>
    </message>
    <message>
        <source>If they mean the same, make them one.</source>
        <translation>如果意思相同，请合并为一类。</translation>
    </message>
    <message>
        <source>Leave columns out, or add rows.</source>
        <translation>请少用几列，或增加行数。</translation>
    </message>
    <message>
        <source>If it does, say so.</source>
        <translation>如果是，请注明。</translation>
    </message>
    <message>
        <source>Add columns that say something about the target.</source>
        <translation>请添加与目标有关的列。</translation>
    </message>
    <message>
        <source>If it is data, read the file without a header.</source>
        <translation>如果首行就是数据，请按无表头读取。</translation>
    </message>
    <message>
        <source>Mend these cells, or choose another role.</source>
        <translation>请修正这些单元格，或换个角色。</translation>
    </message>
    <message>
        <source>Set another order below, or none.</source>
        <translation>可在下方另定顺序，或不要顺序。</translation>
    </message>
    <message>
        <source>Add rows of it, or merge it with another class.</source>
        <translation>请增加该类的行，或与别的类合并。</translation>
    </message>
    <message>
        <source>Add rows to the file.</source>
        <translation>请增加文件的行数。</translation>
    </message>
    <message>
        <source>Choose another target, or merge classes in the file.</source>
        <translation>请换一个目标列，或在文件中合并类别。</translation>
    </message>
</context>
<context>
    <name>FirstFile</name>
    <message>
        <source>Drop a table here</source>
        <translation>把数据表拖到这里</translation>
    </message>
    <message>
        <source>CSV, Parquet, Excel, Feather, JSON lines, SQLite or DuckDB: a row for each case. Then choose the column to predict, and start.</source>
        <translation>支持 CSV、Parquet、Excel、Feather、JSON 行、SQLite 和 DuckDB，每行一个样本。然后选定要预测的列，即可开始。</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Sample: {name}</source>
        <translation>示例：{name}</translation>
    </message>
</context>
<context>
    <name>GoalCard</name>
    <message>
        <source>Goal</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>目标列</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Positive</source>
        <translation>正类</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>优化</translation>
    </message>
    <message>
        <source>and also</source>
        <translation>同时考虑</translation>
    </message>
    <message>
        <source>The column to predict.</source>
        <translation>要预测的列。</translation>
    </message>
    <message>
        <source>The class that counts as found; if not said, the rarer one.</source>
        <translation>算作“检出”的那一类；不指定则取较少的一类。</translation>
    </message>
    <message>
        <source>Classes that differ only by case or blanks are one</source>
        <translation>只差大小写或空格的类算同一类</translation>
    </message>
    <message>
        <source>Choose the column to predict</source>
        <translation>请选择要预测的列</translation>
    </message>
    <message>
        <source>automatic: {task}</source>
        <translation>自动：{task}</translation>
    </message>
    <message>
        <source>the rarer one</source>
        <translation>较少的一类</translation>
    </message>
    <message>
        <source>automatic: {label}</source>
        <translation>自动：{label}</translation>
    </message>
    <message>
        <source>automatic: {measure}</source>
        <translation>自动：{measure}</translation>
    </message>
    <message>
        <source>nothing else</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message>
        <source>Reading {name} ended unexpectedly.</source>
        <translation>读取 {name} 时意外中止。</translation>
    </message>
    <message>
        <source>Memory may have run out: close other programs, or give a smaller file.</source>
        <translation>可能是内存不足：请关闭其他程序，或换一个小些的文件。</translation>
    </message>
    <message>
        <source>{program} cannot be started: {reason}.</source>
        <translation>无法启动 {program}：{reason}。</translation>
    </message>
    <message>
        <source>Install Cambrian again.</source>
        <translation>请重新安装 Cambrian。</translation>
    </message>
    <message>
        <source>Reading {name} ended with status {code} and said nothing.</source>
        <translation>读取 {name} 的进程以状态 {code} 结束，没有给出说明。</translation>
    </message>
    <message>
        <source>Try again; if it stays so, read the file with `cambrian inspect` in a terminal.</source>
        <translation>请重试；若依然如此，请在终端里用 `cambrian inspect` 读取该文件。</translation>
    </message>
    <message>
        <source>The profile of {name} cannot be read: {reason}.</source>
        <translation>无法读懂 {name} 的概况：{reason}。</translation>
    </message>
    <message>
        <source>Try again; if it stays so, install Cambrian again.</source>
        <translation>请重试；若依然如此，请重新安装 Cambrian。</translation>
    </message>
    <message numerus="yes">
        <source>Reading {name}: %n s</source>
        <translation>
            <numerusform>正在读取 {name}：%n 秒</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Measures</name>
    <message>
        <source>Precision</source>
        <translation>精确率</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>召回率</translation>
    </message>
</context>
<context>
    <name>NewExperimentPage</name>
    <message>
        <source>New experiment</source>
        <translation>新建实验</translation>
    </message>
    <message>
        <source>A file, a target, Start. Everything else has a good default.</source>
        <translation>选文件、选目标、开始。其余都有合适的默认值。</translation>
    </message>
    <message>
        <source>Open TOML…</source>
        <translation>打开 TOML…</translation>
    </message>
    <message>
        <source>Copy TOML</source>
        <translation>复制 TOML</translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation>复制命令</translation>
    </message>
    <message>
        <source>Open an experiment that was saved as TOML</source>
        <translation>打开存为 TOML 的实验</translation>
    </message>
    <message>
        <source>Copy the experiment, every setting with its meaning</source>
        <translation>复制整个实验，每项设置都附有说明</translation>
    </message>
    <message>
        <source>Copy the command that starts this run in a terminal</source>
        <translation>复制在终端里启动此运行的命令</translation>
    </message>
    <message>
        <source>Expert settings</source>
        <translation>专家设置</translation>
    </message>
    <message>
        <source>Choose a table</source>
        <translation>选择数据表</translation>
    </message>
    <message>
        <source>Experiments</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>Open an experiment</source>
        <translation>打开实验</translation>
    </message>
    <message>
        <source>Reading {name}…</source>
        <translation>正在读取 {name}…</translation>
    </message>
    <message>
        <source>The table has not all the columns that were named.</source>
        <translation>数据表缺少实验中提到的某些列。</translation>
    </message>
    <message>
        <source>What was said of the others is forgotten; look at roles and target again.</source>
        <translation>与这些列有关的设置已略去；请再看一遍角色和目标列。</translation>
    </message>
    <message>
        <source>Take back the last change</source>
        <translation>撤销上一步更改</translation>
    </message>
    <message>
        <source>Choose the column to predict</source>
        <translation>请选择要预测的列</translation>
    </message>
    <message>
        <source>Then the run can start.</source>
        <translation>选定后即可开始。</translation>
    </message>
    <message>
        <source>This cannot be learnt yet</source>
        <translation>目前还无法学习</translation>
    </message>
    <message>
        <source>Why, and what to do, stands above.</source>
        <translation>原因和办法见上方。</translation>
    </message>
    <message>
        <source>A setting cannot be taken</source>
        <translation>有一项设置无效</translation>
    </message>
    <message>
        <source>It is marked, with the reason below it.</source>
        <translation>该项已标出，原因写在下面。</translation>
    </message>
    <message>
        <source>Say when it ends</source>
        <translation>请设定何时结束</translation>
    </message>
    <message>
        <source>Set a time, or generations or networks.</source>
        <translation>请设定时间、代数或网络数。</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>OrderEditor</name>
    <message>
        <source>Order from low (first) to high (last):</source>
        <translation>从低（最前）到高（最后）的顺序：</translation>
    </message>
    <message>
        <source>Categories from low to high</source>
        <translation>从低到高的类别</translation>
    </message>
    <message>
        <source>Move it lower</source>
        <translation>下调一级</translation>
    </message>
    <message>
        <source>Move it higher</source>
        <translation>上调一级</translation>
    </message>
</context>
<context>
    <name>Refusal</name>
    <message>
        <source>{problem}</source>
        <comment>what the engine said, in English</comment>
        <translation>无法照此进行：{problem}</translation>
    </message>
</context>
<context>
    <name>Roles</name>
    <message>
        <source>numeric</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>categorical</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>ordinal</source>
        <translation>有序</translation>
    </message>
    <message>
        <source>yes or no</source>
        <translation>是非</translation>
    </message>
    <message>
        <source>date or time</source>
        <translation>日期时间</translation>
    </message>
    <message>
        <source>free text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>identifier</source>
        <translation>标识</translation>
    </message>
    <message>
        <source>constant</source>
        <translation>常量</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>空列</translation>
    </message>
    <message>
        <source>target</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>row weight</source>
        <translation>行权重</translation>
    </message>
    <message>
        <source>row group</source>
        <translation>行分组</translation>
    </message>
    <message>
        <source>time order</source>
        <translation>时间顺序</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>不使用</translation>
    </message>
    <message>
        <source>Scaled numbers; missing ones become the median.</source>
        <translation>缩放后的数值；缺失的取中位数。</translation>
    </message>
    <message>
        <source>One input for each of the commonest categories.</source>
        <translation>每个常见类别各占一个输入。</translation>
    </message>
    <message>
        <source>Categories with an order: their rank is a number.</source>
        <translation>有先后次序的类别：以名次为数值。</translation>
    </message>
    <message>
        <source>One of two values.</source>
        <translation>二者取一。</translation>
    </message>
    <message>
        <source>Days, weekday, month and hour become numbers.</source>
        <translation>天数、星期、月份和小时化为数值。</translation>
    </message>
    <message>
        <source>16 numbers made of its letters, not of its meaning.</source>
        <translation>由字面（而非含义）得出的 16 个数。</translation>
    </message>
    <message>
        <source>What is to be predicted.</source>
        <translation>要预测的内容。</translation>
    </message>
    <message>
        <source>How much a row counts.</source>
        <translation>该行所占的分量。</translation>
    </message>
    <message>
        <source>Rows of one group stay together when the data is split.</source>
        <translation>划分数据时，同组的行不拆开。</translation>
    </message>
    <message>
        <source>Later rows validate, the latest test.</source>
        <translation>较晚的行用于验证，最晚的用于测试。</translation>
    </message>
    <message>
        <source>The networks do not see it.</source>
        <translation>网络看不到它。</translation>
    </message>
</context>
<context>
    <name>StartBar</name>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>可以开始</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
    <message numerus="yes">
        <source>%n networks</source>
        <translation>
            <numerusform>%n 个网络</numerusform>
        </translation>
    </message>
    <message>
        <source>{networks} networks in about {time}</source>
        <translation>{networks} 个网络，约需 {time}</translation>
    </message>
    <message>
        <source>About {networks} networks in {time}</source>
        <translation>{time}内约 {networks} 个网络</translation>
    </message>
    <message>
        <source>Ends by {time}.</source>
        <translation>{time} 之前结束。</translation>
    </message>
    <message>
        <source>Reckoned from the run {run}.</source>
        <translation>依据运行 {run} 估算。</translation>
    </message>
    <message>
        <source>Reckoned roughly from the size of the table.</source>
        <translation>依据数据表大小粗略估算。</translation>
    </message>
</context>
<context>
    <name>Tasks</name>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>one of two classes</source>
        <translation>二分类</translation>
    </message>
    <message>
        <source>one of several classes</source>
        <translation>多分类</translation>
    </message>
    <message>
        <source>a number (regression)</source>
        <translation>数值（回归）</translation>
    </message>
</context>
<context>
    <name>Times</name>
    <message>
        <source>{minutes} minutes</source>
        <translation>{minutes} 分钟</translation>
    </message>
    <message numerus="yes">
        <source>%n hours</source>
        <translation>
            <numerusform>%n 小时</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minutes</source>
        <translation>
            <numerusform>%n 分钟</numerusform>
        </translation>
    </message>
</context>
</TS>
