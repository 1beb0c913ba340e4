<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>Genome</name>
    <message>
        <source>The network</source>
        <translation>网络结构</translation>
    </message>
    <message>
        <source>How it learns</source>
        <translation>学习方式</translation>
    </message>
    <message>
        <source>What keeps it from learning noise</source>
        <translation>防止过拟合</translation>
    </message>
    <message>
        <source>What it sees</source>
        <translation>输入数据</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>线性</translation>
    </message>
    <message>
        <source>crossover</source>
        <translation>交叉</translation>
    </message>
    <message>
        <source>mutation</source>
        <translation>变异</translation>
    </message>
    <message>
        <source>drawn at random, to bring in something new</source>
        <translation>随机抽取，为种群带来新基因</translation>
    </message>
    <message>
        <source>drawn evenly over the search space</source>
        <translation>在搜索空间中均匀抽取</translation>
    </message>
    <message>
        <source>drawn at random</source>
        <translation>随机抽取</translation>
    </message>
    <message>
        <source>a recipe known to do well: {name}</source>
        <translation>已知的优良配方：{name}</translation>
    </message>
    <message>
        <source>mutated from a recipe known to do well: {name}</source>
        <translation>由已知的优良配方变异：{name}</translation>
    </message>
    <message>
        <source>Every unit learns how much of {activation} it applies.</source>
        <translation>每个单元自行学习使用多少 {activation}。</translation>
    </message>
    <message>
        <source>Each hidden layer is normalised over the batch (batch norm, momentum {momentum}, epsilon {epsilon}).</source>
        <translation>每个隐藏层在批内归一化（批归一化，动量 {momentum}，ε = {epsilon}）。</translation>
    </message>
    <message>
        <source>Each hidden layer is normalised over its units (layer norm, epsilon {epsilon}).</source>
        <translation>每个隐藏层在其单元间归一化（层归一化，ε = {epsilon}）。</translation>
    </message>
    <message>
        <source>Neighbouring hidden layers of equal width are joined by a skip connection.</source>
        <translation>宽度相同的相邻隐藏层之间有残差连接。</translation>
    </message>
    <message>
        <source>Initial weights: {weights}, gain {gain}; initial biases: {biases}.</source>
        <translation>初始权重：{weights}，增益 {gain}；初始偏置：{biases}。</translation>
    </message>
    <message>
        <source>A linear model, without any hidden layer.</source>
        <translation>线性模型，没有隐藏层。</translation>
    </message>
    <message>
        <source>One hidden layer of {width} units with the activation {activation}.</source>
        <translation>1 个隐藏层，{width} 个单元，激活函数为 {activation}。</translation>
    </message>
    <message>
        <source>{count} hidden layers of {width} units each with the activation {activation}.</source>
        <translation>{count} 个隐藏层，每层 {width} 个单元，激活函数为 {activation}。</translation>
    </message>
    <message>
        <source>A funnel of {count} hidden layers, {widths} units, with the activation {activation}.</source>
        <translation>漏斗形的 {count} 个隐藏层，单元数依次为 {widths}，激活函数为 {activation}。</translation>
    </message>
    <message>
        <source>A diamond of {count} hidden layers, {widths} units, with the activation {activation}.</source>
        <translation>菱形的 {count} 个隐藏层，单元数依次为 {widths}，激活函数为 {activation}。</translation>
    </message>
    <message>
        <source>{count} hidden layers of {widths} units with the activation {activation}.</source>
        <translation>{count} 个隐藏层，单元数依次为 {widths}，激活函数为 {activation}。</translation>
    </message>
    <message>
        <source>Stochastic gradient descent with learning rate {rate} and momentum {momentum}, on batches of {rows} rows.</source>
        <translation>随机梯度下降，学习率 {rate}，动量 {momentum}，每批 {rows} 行。</translation>
    </message>
    <message>
        <source>Stochastic gradient descent with learning rate {rate} and Nesterov momentum {momentum}, on batches of {rows} rows.</source>
        <translation>随机梯度下降，学习率 {rate}，Nesterov 动量 {momentum}，每批 {rows} 行。</translation>
    </message>
    <message>
        <source>{optimizer} with learning rate {rate}, on batches of {rows} rows.</source>
        <translation>{optimizer}，学习率 {rate}，每批 {rows} 行。</translation>
    </message>
    <message>
        <source>Its averages of gradients decay with {beta1} and {beta2}; epsilon is {epsilon}.</source>
        <translation>梯度的两个滑动平均分别按 {beta1} 和 {beta2} 衰减，ε = {epsilon}。</translation>
    </message>
    <message>
        <source>Its average of squared gradients decays with {alpha}.</source>
        <translation>梯度平方的滑动平均按 {alpha} 衰减。</translation>
    </message>
    <message>
        <source>It trains for up to {epochs} epochs and stops after {patience} epochs without a better loss.</source>
        <translation>最多训练 {epochs} 轮；连续 {patience} 轮损失没有改善就停止。</translation>
    </message>
    <message>
        <source>It minimises the squared error.</source>
        <translation>以平方误差最小为目标。</translation>
    </message>
    <message>
        <source>It minimises the absolute error.</source>
        <translation>以绝对误差最小为目标。</translation>
    </message>
    <message>
        <source>It minimises Huber&apos;s error, which grows linearly beyond {delta} standard deviations.</source>
        <translation>以 Huber 误差最小为目标，超过 {delta} 个标准差后误差按线性计。</translation>
    </message>
    <message>
        <source>It minimises the cross-entropy.</source>
        <translation>以交叉熵最小为目标。</translation>
    </message>
    <message>
        <source>It minimises the cross-entropy, with rare classes weighted up.</source>
        <translation>以交叉熵最小为目标，少数类权重更高。</translation>
    </message>
    <message>
        <source>It minimises the focal loss, which turns to badly predicted rows (gamma {gamma}).</source>
        <translation>以焦点损失最小为目标，更关注预测得差的行（γ = {gamma}）。</translation>
    </message>
    <message>
        <source>Nothing but stopping in time.</source>
        <translation>只靠及时停止训练。</translation>
    </message>
    <message>
        <source>weight decay {value}</source>
        <translation>权重衰减 {value}</translation>
    </message>
    <message>
        <source>an L2 penalty of {value}</source>
        <translation>L2 惩罚 {value}</translation>
    </message>
    <message>
        <source>an L1 penalty of {value}</source>
        <translation>L1 惩罚 {value}</translation>
    </message>
    <message>
        <source>Weights are kept small by {penalties}.</source>
        <translation>抑制权重过大：{penalties}。</translation>
    </message>
    <message>
        <source>{share} of each label is given to the other classes.</source>
        <translation>每个标签的 {share} 分给其他类别。</translation>
    </message>
    <message>
        <source>Noise with a standard deviation of {value} is added to the inputs in training.</source>
        <translation>训练时给输入加入标准差为 {value} 的噪声。</translation>
    </message>
    <message>
        <source>Gradients longer than {length} are shortened to it.</source>
        <translation>长度超过 {length} 的梯度缩短到该长度。</translation>
    </message>
    <message>
        <source>It predicts with a moving average of its weights, of which each step keeps {share}.</source>
        <translation>用权重的滑动平均来预测，每步保留其中的 {share}。</translation>
    </message>
    <message>
        <source>Numbers are standardised to mean 0 and standard deviation 1.</source>
        <translation>数值列标准化为均值 0、标准差 1。</translation>
    </message>
    <message>
        <source>Numbers are scaled by their quartiles and smoothly clipped.</source>
        <translation>数值列按四分位数缩放并平滑截断。</translation>
    </message>
    <message>
        <source>Numbers are spread by their ranks to a normal distribution.</source>
        <translation>数值列按秩次变换为正态分布。</translation>
    </message>
    <message>
        <source>The {count} commonest categories of a column get an input each; rarer ones share one.</source>
        <translation>每列最常见的 {count} 个类别各占一个输入，其余类别共用一个。</translation>
    </message>
    <message>
        <source>It learns the logarithm of the target.</source>
        <translation>学习的是目标的对数。</translation>
    </message>
    <message>
        <source>family</source>
        <translation>网络类型</translation>
    </message>
    <message>
        <source>scaling of numbers</source>
        <translation>数值缩放</translation>
    </message>
    <message>
        <source>categories with an input of their own</source>
        <translation>独占输入的类别数</translation>
    </message>
    <message>
        <source>transform of the target</source>
        <translation>目标变换</translation>
    </message>
    <message>
        <source>batch size</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>hidden layers</source>
        <translation>隐藏层数</translation>
    </message>
    <message>
        <source>shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>activation</source>
        <translation>激活函数</translation>
    </message>
    <message>
        <source>learnt activation</source>
        <translation>可学习的激活</translation>
    </message>
    <message>
        <source>normalisation</source>
        <translation>归一化</translation>
    </message>
    <message>
        <source>batch norm momentum</source>
        <translation>批归一化动量</translation>
    </message>
    <message>
        <source>norm epsilon</source>
        <translation>归一化 ε</translation>
    </message>
    <message>
        <source>skip connections</source>
        <translation>残差连接</translation>
    </message>
    <message>
        <source>initial weights</source>
        <translation>初始权重</translation>
    </message>
    <message>
        <source>initial gain</source>
        <translation>初始增益</translation>
    </message>
    <message>
        <source>initial biases</source>
        <translation>初始偏置</translation>
    </message>
    <message>
        <source>optimizer</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>momentum</source>
        <translation>动量</translation>
    </message>
    <message>
        <source>beta1</source>
        <translation>β1</translation>
    </message>
    <message>
        <source>beta2</source>
        <translation>β2</translation>
    </message>
    <message>
        <source>Adam&apos;s epsilon</source>
        <translation>Adam 的 ε</translation>
    </message>
    <message>
        <source>RMSprop&apos;s alpha</source>
        <translation>RMSprop 的 α</translation>
    </message>
    <message>
        <source>schedule</source>
        <translation>学习率调度</translation>
    </message>
    <message>
        <source>rate of decay</source>
        <translation>衰减速度</translation>
    </message>
    <message>
        <source>factor of a step</source>
        <translation>每级系数</translation>
    </message>
    <message>
        <source>training between steps</source>
        <translation>两级间隔</translation>
    </message>
    <message>
        <source>final learning rate</source>
        <translation>最终学习率</translation>
    </message>
    <message>
        <source>patience on a plateau</source>
        <translation>停滞耐心</translation>
    </message>
    <message>
        <source>factor after a plateau</source>
        <translation>停滞后系数</translation>
    </message>
    <message>
        <source>rise of 1cycle</source>
        <translation>1cycle 上升段</translation>
    </message>
    <message>
        <source>time scale of decay</source>
        <translation>衰减时间尺度</translation>
    </message>
    <message>
        <source>exponent of decay</source>
        <translation>衰减指数</translation>
    </message>
    <message>
        <source>warm-up</source>
        <translation>预热</translation>
    </message>
    <message>
        <source>dropout</source>
        <translation>dropout</translation>
    </message>
    <message>
        <source>course of dropout</source>
        <translation>dropout 变化</translation>
    </message>
    <message>
        <source>noise on the inputs</source>
        <translation>输入噪声</translation>
    </message>
    <message>
        <source>weight decay</source>
        <translation>权重衰减</translation>
    </message>
    <message>
        <source>L2 penalty</source>
        <translation>L2 惩罚</translation>
    </message>
    <message>
        <source>L1 penalty</source>
        <translation>L1 惩罚</translation>
    </message>
    <message>
        <source>gradient clipping</source>
        <translation>梯度裁剪</translation>
    </message>
    <message>
        <source>longest gradient</source>
        <translation>梯度长度上限</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>patience</source>
        <translation>耐心</translation>
    </message>
    <message>
        <source>averaged weights</source>
        <translation>权重平均</translation>
    </message>
    <message>
        <source>decay of the average</source>
        <translation>平均的衰减</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失函数</translation>
    </message>
    <message>
        <source>Huber&apos;s threshold</source>
        <translation>Huber 阈值</translation>
    </message>
    <message>
        <source>focal gamma</source>
        <translation>焦点 γ</translation>
    </message>
    <message>
        <source>label smoothing</source>
        <translation>标签平滑</translation>
    </message>
    <message>
        <source>standardised</source>
        <translation>标准化</translation>
    </message>
    <message>
        <source>robust, clipped</source>
        <translation>稳健缩放并截断</translation>
    </message>
    <message>
        <source>by quantiles</source>
        <translation>分位数变换</translation>
    </message>
    <message>
        <source>logarithm</source>
        <translation>取对数</translation>
    </message>
    <message>
        <source>free</source>
        <translation>自由</translation>
    </message>
    <message>
        <source>brick</source>
        <translation>等宽</translation>
    </message>
    <message>
        <source>funnel</source>
        <translation>漏斗形</translation>
    </message>
    <message>
        <source>diamond</source>
        <translation>菱形</translation>
    </message>
    <message>
        <source>leaky ReLU</source>
        <translation>带泄漏 ReLU</translation>
    </message>
    <message>
        <source>batch norm</source>
        <translation>批归一化</translation>
    </message>
    <message>
        <source>layer norm</source>
        <translation>层归一化</translation>
    </message>
    <message>
        <source>Kaiming uniform</source>
        <translation>Kaiming 均匀</translation>
    </message>
    <message>
        <source>Kaiming normal</source>
        <translation>Kaiming 正态</translation>
    </message>
    <message>
        <source>orthogonal</source>
        <translation>正交</translation>
    </message>
    <message>
        <source>sparse</source>
        <translation>稀疏</translation>
    </message>
    <message>
        <source>rescaled on the data</source>
        <translation>按数据缩放</translation>
    </message>
    <message>
        <source>zeros</source>
        <translation>全零</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>正态</translation>
    </message>
    <message>
        <source>uniform</source>
        <translation>均匀</translation>
    </message>
    <message>
        <source>from data points</source>
        <translation>取自数据点</translation>
    </message>
    <message>
        <source>constant</source>
        <translation>恒定</translation>
    </message>
    <message>
        <source>time-based decay</source>
        <translation>按时间衰减</translation>
    </message>
    <message>
        <source>step decay</source>
        <translation>阶梯衰减</translation>
    </message>
    <message>
        <source>exponential decay</source>
        <translation>指数衰减</translation>
    </message>
    <message>
        <source>lower on plateaus</source>
        <translation>停滞时降低</translation>
    </message>
    <message>
        <source>power decay</source>
        <translation>幂衰减</translation>
    </message>
    <message>
        <source>cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>four waves</source>
        <translation>四段波形</translation>
    </message>
    <message>
        <source>flat, then cosine</source>
        <translation>先平后余弦</translation>
    </message>
    <message>
        <source>fading</source>
        <translation>逐渐减弱</translation>
    </message>
    <message>
        <source>by length</source>
        <translation>按长度</translation>
    </message>
    <message>
        <source>squared error</source>
        <translation>平方误差</translation>
    </message>
    <message>
        <source>absolute error</source>
        <translation>绝对误差</translation>
    </message>
    <message>
        <source>Huber&apos;s error</source>
        <translation>Huber 误差</translation>
    </message>
    <message>
        <source>cross-entropy</source>
        <translation>交叉熵</translation>
    </message>
    <message>
        <source>weighted cross-entropy</source>
        <translation>加权交叉熵</translation>
    </message>
    <message>
        <source>focal loss</source>
        <translation>焦点损失</translation>
    </message>
    <message>
        <source>width of layer {number}</source>
        <translation>第 {number} 层宽度</translation>
    </message>
    <message>
        <source> and {count} more</source>
        <translation> 等，另有 {count} 处</translation>
    </message>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
    <message>
        <source>on</source>
        <translation>开</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>The learning rate stays as it is.</source>
        <translation>学习率保持不变。</translation>
    </message>
    <message>
        <source>The learning rate falls as 1 / (1 + {time_k} t) while t goes from 0 to 1.</source>
        <translation>学习率按 1 / (1 + {time_k} t) 下降，t 由 0 到 1。</translation>
    </message>
    <message>
        <source>The learning rate falls to {step_gamma} after every {step_every} of training.</source>
        <translation>每完成训练的 {step_every}，学习率降为原来的 {step_gamma}。</translation>
    </message>
    <message>
        <source>The learning rate falls exponentially to {exponential_ratio} of what it was.</source>
        <translation>学习率按指数下降，最终为初始值的 {exponential_ratio}。</translation>
    </message>
    <message>
        <source>The learning rate falls to {plateau_factor} after {plateau_patience} epochs without progress.</source>
        <translation>连续 {plateau_patience} 轮没有进展时，学习率降为原来的 {plateau_factor}。</translation>
    </message>
    <message>
        <source>The learning rate rises for the first {cycle_warmup} of training, then falls (1cycle).</source>
        <translation>学习率在前 {cycle_warmup} 的训练中上升，之后下降（1cycle）。</translation>
    </message>
    <message>
        <source>The learning rate falls as 1 / (1 + t / {power_s})^{power_c} while t goes from 0 to 1.</source>
        <translation>学习率按 1 / (1 + t / {power_s})^{power_c} 下降，t 由 0 到 1。</translation>
    </message>
    <message>
        <source>The learning rate rises for the first {warmup} of training, then falls along a cosine.</source>
        <translation>学习率在前 {warmup} 的训练中上升，之后按余弦下降。</translation>
    </message>
    <message>
        <source>The learning rate rises and falls in four waves, each longer.</source>
        <translation>学习率起伏四次，一次比一次长。</translation>
    </message>
    <message>
        <source>The learning rate stays for half of training, then falls along a cosine.</source>
        <translation>学习率在前一半训练中不变，之后按余弦下降。</translation>
    </message>
    <message>
        <source>The learning rate falls along a cosine.</source>
        <translation>学习率按余弦下降。</translation>
    </message>
    <message>
        <source>{share} of the hidden units are dropped at random, fading out in the second half.</source>
        <translation>随机丢弃 {share} 的隐藏单元，后半程逐渐减少。</translation>
    </message>
    <message>
        <source>{share} of the hidden units are dropped at random.</source>
        <translation>随机丢弃 {share} 的隐藏单元。</translation>
    </message>
</context>
<context>
    <name>Individual</name>
    <message>
        <source>Generation {number}</source>
        <translation>第 {number} 代</translation>
    </message>
    <message>
        <source>place {place}</source>
        <translation>第 {place} 名</translation>
    </message>
    <message>
        <source>the champion</source>
        <translation>冠军</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>not trained: too large</source>
        <translation>未训练：过大</translation>
    </message>
    <message>
        <source>trains now</source>
        <translation>正在训练</translation>
    </message>
    <message>
        <source>culled after 1 epoch</source>
        <translation>1 轮后被淘汰</translation>
    </message>
    <message>
        <source>culled after {epochs} epochs</source>
        <translation>{epochs} 轮后被淘汰</translation>
    </message>
    <message>
        <source>trained to its end</source>
        <translation>训练完成</translation>
    </message>
    <message>
        <source>waits for its training</source>
        <translation>等待训练</translation>
    </message>
    <message>
        <source>Its training diverged: the loss left the range of numbers.</source>
        <translation>训练发散：损失超出了数值范围。</translation>
    </message>
    <message>
        <source>The worker process that trained it ended.</source>
        <translation>训练它的工作进程意外结束。</translation>
    </message>
    <message>
        <source>Its training took far longer than was predicted.</source>
        <translation>训练用时远超预计。</translation>
    </message>
    <message>
        <source>What it predicts has no value of the objective.</source>
        <translation>它的预测无法计算目标值。</translation>
    </message>
    <message>
        <source>It would need more memory than a worker may use.</source>
        <translation>它所需的内存超过工作进程的上限。</translation>
    </message>
    <message>
        <source>Its training failed.</source>
        <translation>训练失败。</translation>
    </message>
    <message>
        <source>The run went on without it.</source>
        <translation>运行已跳过它继续进行。</translation>
    </message>
    <message>
        <source>1 network</source>
        <translation>1 个网络</translation>
    </message>
    <message>
        <source>{count} networks: {folds} folds × {seeds} seeds</source>
        <translation>{count} 个网络：{folds} 折 × {seeds} 个种子</translation>
    </message>
    <message>
        <source>{count} networks, one a fold</source>
        <translation>{count} 个网络，每折一个</translation>
    </message>
    <message>
        <source>{count} networks</source>
        <translation>{count} 个网络</translation>
    </message>
    <message>
        <source>Individual {number}</source>
        <translation>个体 {number}</translation>
    </message>
    <message>
        <source>Individual {number} · {value}</source>
        <translation>个体 {number} · {value}</translation>
    </message>
    <message>
        <source>1 change from its parent</source>
        <translation>与父代有 1 处不同</translation>
    </message>
    <message>
        <source>{count} changes from its parent</source>
        <translation>与父代有 {count} 处不同</translation>
    </message>
    <message>
        <source>1 change from the better parent</source>
        <translation>与较优父代有 1 处不同</translation>
    </message>
    <message>
        <source>{count} changes from the better parent</source>
        <translation>与较优父代有 {count} 处不同</translation>
    </message>
</context>
<context>
    <name>IndividualPanel</name>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Genome</source>
        <translation>基因组</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>学习过程</translation>
    </message>
    <message>
        <source>Learning curves</source>
        <translation>学习曲线</translation>
    </message>
    <message>
        <source>On rows it did not train on</source>
        <translation>在未参与训练的行上</translation>
    </message>
    <message>
        <source>Measures</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Where it comes from</source>
        <translation>来历</translation>
    </message>
    <message>
        <source>reading the shapes</source>
        <translation>正在读取形状</translation>
    </message>
    <message>
        <source>{count} parameters</source>
        <translation>{count} 个参数</translation>
    </message>
    <message>
        <source>validation RMSE</source>
        <translation>验证 RMSE</translation>
    </message>
    <message>
        <source>validation log-loss</source>
        <translation>验证对数损失</translation>
    </message>
    <message>
        <source>one line a fold · hairlines: rungs</source>
        <translation>每折一条线 · 细线：淘汰点</translation>
    </message>
    <message>
        <source>fold {number}</source>
        <translation>第 {number} 折</translation>
    </message>
    <message>
        <source>fold {number}, seed {seed}</source>
        <translation>第 {number} 折，种子 {seed}</translation>
    </message>
    <message>
        <source>measure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>lowest</source>
        <translation>最低</translation>
    </message>
    <message>
        <source>highest</source>
        <translation>最高</translation>
    </message>
    <message>
        <source>It has no parents.</source>
        <translation>它没有父代。</translation>
    </message>
    <message>
        <source>Its parent:</source>
        <translation>父代：</translation>
    </message>
    <message>
        <source>Its parents, the better one first:</source>
        <translation>父代，较优者在前：</translation>
    </message>
    <message>
        <source>Its training began with the weights of individual {number}.</source>
        <translation>它从个体 {number} 的权重开始训练。</translation>
    </message>
</context>
<context>
    <name>IndividualsPage</name>
    <message>
        <source>Search: a number, ReLU, mutation, learning rate …</source>
        <translation>搜索：编号、ReLU、变异、学习率…</translation>
    </message>
    <message>
        <source>Search individuals</source>
        <translation>搜索个体</translation>
    </message>
    <message>
        <source>Individuals</source>
        <translation>个体</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>No individuals yet</source>
        <translation>还没有个体</translation>
    </message>
    <message>
        <source>They appear here as soon as the data is prepared and the first generation is drawn.</source>
        <translation>数据准备好、第一代抽取出来后，会列在这里。</translation>
    </message>
    <message>
        <source>Individual {number}</source>
        <translation>个体 {number}</translation>
    </message>
    <message>
        <source>Every network of the run will be listed here.</source>
        <translation>运行中的每个网络都会列在这里。</translation>
    </message>
    <message>
        <source>{shown} of {count} networks</source>
        <translation>{count} 个网络中的 {shown} 个</translation>
    </message>
    <message>
        <source>{count} networks · double-click or Return opens one</source>
        <translation>{count} 个网络 · 双击或按回车查看</translation>
    </message>
</context>
<context>
    <name>Model</name>
    <message>
        <source>The run cannot be read</source>
        <translation>无法读取该运行</translation>
    </message>
    <message>
        <source>The run failed</source>
        <translation>运行失败</translation>
    </message>
    <message>
        <source>Its log has the details.</source>
        <translation>详情见其日志。</translation>
    </message>
    <message>
        <source>No model yet: the run was cut short</source>
        <translation>还没有模型：运行中断了</translation>
    </message>
    <message>
        <source>Resume it on the Live page: it goes on from where it stood and ends with a model.</source>
        <translation>请在“实时”页面恢复运行：它会从中断处继续，并最终得出模型。</translation>
    </message>
    <message>
        <source>No model yet: the run is paused</source>
        <translation>还没有模型：运行已暂停</translation>
    </message>
    <message>
        <source>Resume it on the Live page; the model appears when it has ended.</source>
        <translation>请在“实时”页面恢复运行；结束后模型会出现在这里。</translation>
    </message>
    <message>
        <source>The model is being made</source>
        <translation>正在生成模型</translation>
    </message>
    <message>
        <source>The best networks are trained once more, the best of them is chosen, and the test part is looked at. This takes a moment.</source>
        <translation>正在重新训练最优的几个网络、从中选出最好的，并在测试集上评估。请稍候。</translation>
    </message>
    <message>
        <source>The verdict, the test scores and the champion appear here when the run has ended; then it can predict your files.</source>
        <translation>运行结束后，这里会给出结论、测试得分和冠军，并可用它预测您的文件。</translation>
    </message>
    <message>
        <source>It is expected to end at {time}.</source>
        <translation>预计 {time} 结束。</translation>
    </message>
    <message>
        <source>No model yet: the run goes on</source>
        <translation>还没有模型：运行仍在进行</translation>
    </message>
    <message>
        <source>The test rows were looked at once, after everything was chosen.</source>
        <translation>一切选定之后，测试行只看过一次。</translation>
    </message>
    <message>
        <source>The test rows were looked at {looks} times: every further look makes the scores a little too good.</source>
        <translation>测试行看过 {looks} 次：每多看一次，得分就会稍微偏好。</translation>
    </message>
    <message>
        <source>Individual {number} of generation {generation}: {origin}.</source>
        <translation>第 {generation} 代的个体 {number}：{origin}。</translation>
    </message>
    <message>
        <source>On the validation rows, by which it was chosen: {scores}.</source>
        <translation>据以选出它的验证得分：{scores}。</translation>
    </message>
    <message>
        <source>In the search it had begun with the weights of individual {parent}; what is delivered was trained from scratch.</source>
        <translation>搜索时它从个体 {parent} 的权重开始；交付的模型是从头训练的。</translation>
    </message>
    <message>
        <source>Other finalists: {others}.</source>
        <translation>其他决赛个体：{others}。</translation>
    </message>
    <message>
        <source>One network.</source>
        <translation>1 个网络。</translation>
    </message>
    <message>
        <source>The mean of {count} networks of one genome, trained on different folds and seeds.</source>
        <translation>同一基因组的 {count} 个网络取平均，各用不同的折和种子训练。</translation>
    </message>
</context>
<context>
    <name>ModelPage</name>
    <message>
        <source>Test scores</source>
        <translation>测试得分</translation>
    </message>
    <message>
        <source>The champion</source>
        <translation>冠军</translation>
    </message>
    <message>
        <source>Every measure</source>
        <translation>全部指标</translation>
    </message>
    <message>
        <source>Every measure of every model</source>
        <translation>各模型的全部指标</translation>
    </message>
    <message>
        <source>Measure of the test scores</source>
        <translation>测试得分的指标</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>No run is open</source>
        <translation>没有打开的运行</translation>
    </message>
    <message>
        <source>Open a run on the Home page to see its model here.</source>
        <translation>请在主页打开一个运行，在此查看它的模型。</translation>
    </message>
    <message>
        <source>Open individual {number}</source>
        <translation>查看个体 {number}</translation>
    </message>
    <message>
        <source>bars: one standard error</source>
        <translation>误差线：一个标准误</translation>
    </message>
    <message>
        <source>measure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>not available</source>
        <translation>不可用</translation>
    </message>
    <message>
        <source>{count} rows never seen</source>
        <translation>{count} 行从未见过</translation>
    </message>
</context>
<context>
    <name>NetworkDrawing</name>
    <message>
        <source>Input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Hidden layer {number}</source>
        <translation>隐藏层 {number}</translation>
    </message>
    <message>
        <source>{count} numbers a row</source>
        <translation>每行 {count} 个数</translation>
    </message>
    <message>
        <source>dropout {share}</source>
        <translation>dropout {share}</translation>
    </message>
    <message>
        <source>skip connection</source>
        <translation>残差连接</translation>
    </message>
    <message>
        <source>Network with {count} parameters</source>
        <translation>含 {count} 个参数的网络</translation>
    </message>
</context>
<context>
    <name>PredictCard</name>
    <message>
        <source>Predicting {file}</source>
        <translation>正在预测 {file}</translation>
    </message>
    <message>
        <source>Predict a file</source>
        <translation>预测文件</translation>
    </message>
    <message>
        <source>Drop a table with the same columns here (CSV, Excel, Parquet …); it needs no target.</source>
        <translation>把列名相同的表格拖到这里（CSV、Excel、Parquet 等），不需要目标列。</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Prediction at work</source>
        <translation>正在预测</translation>
    </message>
    <message>
        <source>First predictions</source>
        <translation>前几行预测</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Choose a table to predict</source>
        <translation>选择要预测的表格</translation>
    </message>
    <message>
        <source>Save the predictions</source>
        <translation>保存预测结果</translation>
    </message>
    <message>
        <source>{count} rows of {file} are predicted.</source>
        <translation>已预测 {file} 的 {count} 行。</translation>
    </message>
    <message>
        <source>1 row of {file} is predicted.</source>
        <translation>已预测 {file} 的 1 行。</translation>
    </message>
    <message>
        <source>Saved as {file}.</source>
        <translation>已保存为 {file}。</translation>
    </message>
    <message>
        <source>row</source>
        <translation>行</translation>
    </message>
</context>
<context>
    <name>Prediction</name>
    <message>
        <source>{file} is the table that was predicted.</source>
        <translation>{file} 就是被预测的表格。</translation>
    </message>
    <message>
        <source>Save under another name.</source>
        <translation>请换一个名称保存。</translation>
    </message>
    <message>
        <source>The engine could not be started: {reason}.</source>
        <translation>无法启动引擎：{reason}。</translation>
    </message>
    <message>
        <source>Install Cambrian again; the engine belongs beside the window&apos;s program.</source>
        <translation>请重新安装 Cambrian；引擎程序应与窗口程序在同一处。</translation>
    </message>
    <message>
        <source>The prediction ended unexpectedly.</source>
        <translation>预测意外中止。</translation>
    </message>
    <message>
        <source>Try again; if the table is very large, try a part of it.</source>
        <translation>请重试；如果表格很大，可先试其中一部分。</translation>
    </message>
    <message>
        <source>{file} cannot be written: {reason}.</source>
        <translation>无法写入 {file}：{reason}。</translation>
    </message>
    <message>
        <source>Make room there, or save in a folder that you may write to.</source>
        <translation>请腾出空间，或保存到有写入权限的文件夹。</translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <source>{metric} of {target}</source>
        <translation>{target} 的{metric}</translation>
    </message>
    <message>
        <source>{rows} rows</source>
        <translation>{rows} 行</translation>
    </message>
    <message>
        <source>1 row</source>
        <translation>1 行</translation>
    </message>
    <message>
        <source>On {rows} it never saw, the evolved network cannot be judged: there the {what} is not defined.</source>
        <translation>在从未见过的 {rows}上，无法评判进化出的网络：{what}在那里没有定义。</translation>
    </message>
    <message>
        <source>On {rows} it never saw, the evolved network has {what} {mine}; no baseline is there to compare it with.</source>
        <translation>在从未见过的 {rows}上，进化出的网络的{what}为 {mine}；没有可供比较的基线。</translation>
    </message>
    <message>
        <source>root mean squared error</source>
        <translation>均方根误差</translation>
    </message>
    <message>
        <source>mean absolute error</source>
        <translation>平均绝对误差</translation>
    </message>
    <message>
        <source>log-loss</source>
        <translation>对数损失</translation>
    </message>
    <message>
        <source>Brier score</source>
        <translation>Brier 分数</translation>
    </message>
    <message>
        <source>macro F1</source>
        <translation>宏平均 F1</translation>
    </message>
    <message>
        <source>accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>balanced accuracy</source>
        <translation>平衡准确率</translation>
    </message>
    <message>
        <source>precision</source>
        <translation>精确率</translation>
    </message>
    <message>
        <source>recall</source>
        <translation>召回率</translation>
    </message>
    <message>
        <source>average precision</source>
        <translation>平均精度</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>evolved</source>
        <translation>进化所得</translation>
    </message>
    <message>
        <source>gradient boosting</source>
        <translation>梯度提升</translation>
    </message>
    <message>
        <source>linear model</source>
        <translation>线性模型</translation>
    </message>
    <message>
        <source>guessing</source>
        <translation>猜测</translation>
    </message>
    <message>
        <source>on {number} of {all} rows</source>
        <translation>只用了 {all} 行中的 {number} 行</translation>
    </message>
    <message>
        <source>in {number} of {all} rounds</source>
        <translation>只训练了 {all} 轮中的 {number} 轮</translation>
    </message>
    <message>
        <source>{rows} {rounds}</source>
        <translation>{rows}，{rounds}</translation>
    </message>
    <message>
        <source>fitted {how}</source>
        <translation>{how}</translation>
    </message>
    <message>
        <source>On {rows} it never saw, the evolved network is better than {baseline}: {what} {mine} against {theirs} (difference {gap}).</source>
        <translation>在从未见过的 {rows}上，进化出的网络优于{baseline}：{what}为 {mine}，对方为 {theirs}（相差 {gap}）。</translation>
    </message>
    <message>
        <source>On {rows} it never saw, the evolved network is worse than {baseline}: {what} {mine} against {theirs} (difference {gap}).</source>
        <translation>在从未见过的 {rows}上，进化出的网络不如{baseline}：{what}为 {mine}，对方为 {theirs}（相差 {gap}）。</translation>
    </message>
    <message>
        <source>On {rows} it never saw, the evolved network is not clearly different from {baseline}: {what} {mine} against {theirs} (difference {gap}).</source>
        <translation>在从未见过的 {rows}上，进化出的网络与{baseline}没有明显差别：{what}为 {mine}，对方为 {theirs}（相差 {gap}）。</translation>
    </message>
    <message>
        <source>always guessing the classes&apos; shares</source>
        <translation>始终按类别比例猜测</translation>
    </message>
    <message>
        <source>always guessing the mean</source>
        <translation>始终猜测平均值</translation>
    </message>
    <message>
        <source>a linear model</source>
        <translation>线性模型</translation>
    </message>
</context>
</TS>
