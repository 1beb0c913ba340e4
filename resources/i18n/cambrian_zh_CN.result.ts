<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>Genome</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="42"/>
        <source>The network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="43"/>
        <source>How it learns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="44"/>
        <source>What keeps it from learning noise</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="45"/>
        <source>What it sees</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="60"/>
        <source>linear</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="69"/>
        <source>crossover</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="70"/>
        <source>mutation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="71"/>
        <source>drawn at random, to bring in something new</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="72"/>
        <source>drawn evenly over the search space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="73"/>
        <source>drawn at random</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="74"/>
        <source>known to do well: {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="75"/>
        <source>known to do well, then mutated: {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="84"/>
        <source>Every unit learns how much of {activation} it applies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="89"/>
        <source>Each hidden layer is normalised over the batch (batch norm, momentum {momentum}, epsilon {epsilon}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="95"/>
        <source>Each hidden layer is normalised over its units (layer norm, epsilon {epsilon}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="99"/>
        <source>Neighbouring hidden layers of equal width are joined by a skip connection.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="102"/>
        <source>Initial weights: {weights}, gain {gain}; initial biases: {biases}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="112"/>
        <source>A linear model, without any hidden layer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="115"/>
        <source>One hidden layer of {width} units with the activation {activation}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="119"/>
        <source>{count} hidden layers of {width} units each with the activation {activation}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="123"/>
        <source>A funnel of {count} hidden layers, {widths} units, with the activation {activation}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="126"/>
        <source>A diamond of {count} hidden layers, {widths} units, with the activation {activation}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="130"/>
        <source>{count} hidden layers of {widths} units with the activation {activation}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="139"/>
        <source>Stochastic gradient descent with learning rate {rate} and momentum {momentum}, on batches of {rows} rows.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="144"/>
        <source>Stochastic gradient descent with learning rate {rate} and Nesterov momentum {momentum}, on batches of {rows} rows.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="150"/>
        <source>{optimizer} with learning rate {rate}, on batches of {rows} rows.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="158"/>
        <source>Its averages of gradients decay with {beta1} and {beta2}; epsilon is {epsilon}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="166"/>
        <source>Its average of squared gradients decays with {alpha}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="170"/>
        <source>It trains for up to {epochs} epochs and stops after {patience} epochs without a better loss.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="181"/>
        <source>It minimises the squared error.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="182"/>
        <source>It minimises the absolute error.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="183"/>
        <source>It minimises Huber&apos;s error, which grows linearly beyond {delta} standard deviations.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="186"/>
        <source>It minimises the cross-entropy.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="187"/>
        <source>It minimises the cross-entropy, with rare classes weighted up.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="190"/>
        <source>It minimises the focal loss, which turns to badly predicted rows (gamma {gamma}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="202"/>
        <source>Nothing but stopping in time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="211"/>
        <source>weight decay {value}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="212"/>
        <source>an L2 penalty of {value}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="213"/>
        <source>an L1 penalty of {value}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="219"/>
        <source>Weights are kept small by {penalties}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="223"/>
        <source>{share} of each label is given to the other classes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="227"/>
        <source>Noise with a standard deviation of {value} is added to the inputs in training.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="231"/>
        <source>Gradients longer than {length} are shortened to it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="235"/>
        <source>It predicts with a moving average of its weights, of which each step keeps {share}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="243"/>
        <source>Numbers are standardised to mean 0 and standard deviation 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="244"/>
        <source>Numbers are scaled by their quartiles and smoothly clipped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="245"/>
        <source>Numbers are spread by their ranks to a normal distribution.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="249"/>
        <source>The {count} commonest categories of a column get an input each; rarer ones share one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_text.py" line="253"/>
        <source>It learns the logarithm of the target.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="17"/>
        <source>family</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="18"/>
        <source>scaling of numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="19"/>
        <source>categories with an input of their own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="20"/>
        <source>transform of the target</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="21"/>
        <source>batch size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="22"/>
        <source>hidden layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="23"/>
        <source>shape</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="24"/>
        <source>activation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="25"/>
        <source>learnt activation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="26"/>
        <source>normalisation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="27"/>
        <source>batch norm momentum</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="28"/>
        <source>norm epsilon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="29"/>
        <source>skip connections</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="30"/>
        <source>initial weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="31"/>
        <source>initial gain</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="32"/>
        <source>initial biases</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="33"/>
        <source>optimizer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="34"/>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="35"/>
        <source>learning rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="36"/>
        <source>momentum</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="37"/>
        <source>beta1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="38"/>
        <source>beta2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="39"/>
        <source>Adam&apos;s epsilon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="40"/>
        <source>RMSprop&apos;s alpha</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="41"/>
        <source>schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="42"/>
        <source>rate of decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="43"/>
        <source>factor of a step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="44"/>
        <source>training between steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="45"/>
        <source>final learning rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="46"/>
        <source>patience on a plateau</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="47"/>
        <source>factor after a plateau</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="48"/>
        <source>rise of 1cycle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="49"/>
        <source>time scale of decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="50"/>
        <source>exponent of decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="51"/>
        <source>warm-up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="52"/>
        <source>dropout</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="53"/>
        <source>course of dropout</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="54"/>
        <source>noise on the inputs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="55"/>
        <source>weight decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="56"/>
        <source>L2 penalty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="57"/>
        <source>L1 penalty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="58"/>
        <source>gradient clipping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="59"/>
        <source>longest gradient</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="60"/>
        <source>epochs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="61"/>
        <source>patience</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="62"/>
        <source>averaged weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="63"/>
        <source>decay of the average</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="64"/>
        <source>loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="65"/>
        <source>Huber&apos;s threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="66"/>
        <source>focal gamma</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="67"/>
        <source>label smoothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="72"/>
        <source>standardised</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="73"/>
        <source>robust, clipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="74"/>
        <source>by quantiles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="75"/>
        <source>logarithm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="76"/>
        <source>free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="77"/>
        <source>brick</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="78"/>
        <source>funnel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="79"/>
        <source>diamond</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="81"/>
        <source>leaky ReLU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="89"/>
        <source>batch norm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="90"/>
        <source>layer norm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="91"/>
        <source>Kaiming uniform</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="92"/>
        <source>Kaiming normal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="94"/>
        <source>orthogonal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="95"/>
        <source>sparse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="96"/>
        <source>rescaled on the data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="97"/>
        <source>zeros</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="98"/>
        <source>normal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="99"/>
        <source>uniform</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="100"/>
        <source>from data points</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="102"/>
        <source>SGD with Nesterov momentum</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="106"/>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="116"/>
        <source>constant</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="107"/>
        <source>time-based decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="108"/>
        <source>step decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="109"/>
        <source>exponential decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="110"/>
        <source>lower on plateaus</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="112"/>
        <source>power decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="113"/>
        <source>cosine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="114"/>
        <source>four waves</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="115"/>
        <source>flat, then cosine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="117"/>
        <source>fading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="118"/>
        <source>by length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="119"/>
        <source>squared error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="120"/>
        <source>absolute error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="121"/>
        <source>Huber&apos;s error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="122"/>
        <source>cross-entropy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="123"/>
        <source>weighted cross-entropy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="124"/>
        <source>focal loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="135"/>
        <source>width of layer {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="184"/>
        <source> and {count} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="200"/>
        <source>, </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="205"/>
        <source>on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/genome_words.py" line="210"/>
        <source>off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="17"/>
        <source>The learning rate stays as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="18"/>
        <source>The learning rate falls as 1 / (1 + {time_k} t) while t goes from 0 to 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="21"/>
        <source>The learning rate falls to {step_gamma} after every {step_every} of training.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="24"/>
        <source>The learning rate falls exponentially to {exponential_ratio} of what it was.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="27"/>
        <source>The learning rate falls to {plateau_factor} after {plateau_patience} epochs without progress.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="31"/>
        <source>The learning rate rises for the first {cycle_warmup} of training, then falls (1cycle).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="34"/>
        <source>The learning rate falls as 1 / (1 + t / {power_s})^{power_c} while t goes from 0 to 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="38"/>
        <source>The learning rate rises for the first {warmup} of training, then falls along a cosine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="41"/>
        <source>The learning rate rises and falls in four waves, each longer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="42"/>
        <source>The learning rate stays for half of training, then falls along a cosine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="48"/>
        <source>The learning rate falls along a cosine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="58"/>
        <source>{share} of the hidden units are dropped at random, fading out in the second half.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/schedule_text.py" line="61"/>
        <source>{share} of the hidden units are dropped at random.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Individual</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="36"/>
        <source>Generation {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="41"/>
        <source>place {place}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="43"/>
        <source>the champion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="52"/>
        <source>failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="54"/>
        <source>not trained: too large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="56"/>
        <source>trains now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="60"/>
        <source>culled after 1 epoch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="61"/>
        <source>culled after {epochs} epochs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="63"/>
        <source>trained to its end</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="64"/>
        <source>waits for its training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="78"/>
        <source>Its training diverged: the loss left the range of numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="81"/>
        <source>The worker process that trained it ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="82"/>
        <source>Its training took far longer than was predicted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="83"/>
        <source>What it predicts has no value of the objective.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="86"/>
        <source>It would need more memory than a worker may use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="90"/>
        <source>Its training failed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="92"/>
        <source>The run went on without it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="120"/>
        <source>1 network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="122"/>
        <source>{count} networks: {folds} folds × {seeds} seeds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="126"/>
        <source>{count} networks, one a fold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="127"/>
        <source>{count} networks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="134"/>
        <source>Individual {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual_text.py" line="135"/>
        <source>Individual {number} · {value}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>IndividualPanel</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="84"/>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="85"/>
        <source>Genome</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="86"/>
        <source>Learning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="87"/>
        <source>Learning curves</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="88"/>
        <source>On rows it did not train on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="89"/>
        <source>Measures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="90"/>
        <source>Where it comes from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="138"/>
        <source>reading the shapes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="141"/>
        <source>{count} parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="159"/>
        <source>validation RMSE</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="159"/>
        <source>validation log-loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="161"/>
        <source>one line a fold · hairlines: rungs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="171"/>
        <source>fold {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="173"/>
        <source>fold {number}, seed {seed}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="185"/>
        <source>measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="185"/>
        <source>mean</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="185"/>
        <source>lowest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="185"/>
        <source>highest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="204"/>
        <source>It has no parents.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="206"/>
        <source>Its parent:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="208"/>
        <source>Its parents, the better one first:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="211"/>
        <source>Its training began with the weights of individual {number}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="218"/>
        <source>{count} changes from the better parent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individual.py" line="220"/>
        <source>1 change from the better parent</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>IndividualsPage</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="110"/>
        <source>Search: a number, ReLU, mutation, learning rate …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="111"/>
        <source>Search individuals</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="112"/>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="177"/>
        <source>Individuals</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="113"/>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="115"/>
        <source>No individuals yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="116"/>
        <source>They appear here as soon as the data is prepared and the first generation is drawn.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="173"/>
        <source>Individual {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="181"/>
        <source>Every network of the run will be listed here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="184"/>
        <source>{shown} of {count} networks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/individuals.py" line="187"/>
        <source>{count} networks · double-click or Return opens one</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Model</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="22"/>
        <source>The run cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="25"/>
        <source>The run failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="25"/>
        <source>Its log has the details.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="28"/>
        <source>No model yet: the run was cut short</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="29"/>
        <source>Resume it on the Live page: it goes on from where it stood and ends with a model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="35"/>
        <source>No model yet: the run is paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="36"/>
        <source>Resume it on the Live page; the model appears when it has ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="40"/>
        <source>The model is being made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="41"/>
        <source>The best networks are trained once more, the best of them is chosen, and the test part is looked at. This takes a moment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="48"/>
        <source>The verdict, the test scores and the champion appear here when the run has ended; then it can predict your files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="54"/>
        <source>It is expected to end at {time}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="56"/>
        <source>No model yet: the run goes on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="63"/>
        <source>The test rows were looked at once, after everything was chosen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="64"/>
        <source>The test rows were looked at {looks} times: every further look makes the scores a little too good.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="75"/>
        <source>Individual {number} of generation {generation}: {origin}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="83"/>
        <source>On the validation rows, by which it was chosen: {scores}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="88"/>
        <source>In the search it had begun with the weights of individual {parent}; what is delivered was trained from scratch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="97"/>
        <source>Other finalists: {others}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="104"/>
        <source>One network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model_text.py" line="105"/>
        <source>The mean of {count} networks of one genome, trained on different folds and seeds.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelPage</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="82"/>
        <location filename="../../app/cambrian_desktop/views/model.py" line="84"/>
        <source>Test scores</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="85"/>
        <source>The champion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="86"/>
        <source>Every measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="87"/>
        <source>Every measure of every model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="88"/>
        <source>Measure of the test scores</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="125"/>
        <location filename="../../app/cambrian_desktop/views/model.py" line="130"/>
        <location filename="../../app/cambrian_desktop/views/model.py" line="141"/>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="127"/>
        <source>No run is open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="127"/>
        <source>Open a run on the Home page to see its model here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="153"/>
        <source>Open individual {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="171"/>
        <source>bars: one standard error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="176"/>
        <source>measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="188"/>
        <source>not available</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/model.py" line="190"/>
        <source>{count} rows never seen</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NetworkDrawing</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/network_drawing.py" line="77"/>
        <source>Input</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/network_drawing.py" line="79"/>
        <source>Output</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/network_drawing.py" line="80"/>
        <source>Hidden layer {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/network_drawing.py" line="86"/>
        <source>{count} numbers a row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/network_drawing.py" line="93"/>
        <source>dropout {share}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/network_drawing.py" line="95"/>
        <source>skip connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/network_drawing.py" line="101"/>
        <source>Network with {count} parameters</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PredictCard</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="61"/>
        <source>Predicting {file}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="78"/>
        <source>Predict a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="80"/>
        <source>Drop a table with the same columns here (CSV, Excel, Parquet …); it needs no target.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="82"/>
        <source>Choose a file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="83"/>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="84"/>
        <source>Prediction at work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="85"/>
        <source>First predictions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="86"/>
        <source>Save as…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="126"/>
        <source>Choose a table to predict</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="135"/>
        <source>Save the predictions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="159"/>
        <source>{count} rows of {file} are predicted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="163"/>
        <source>1 row of {file} is predicted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="166"/>
        <source>Saved as {file}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/predict_card.py" line="168"/>
        <source>row</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Prediction</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="95"/>
        <source>{file} is the table that was predicted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="96"/>
        <source>Save under another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="159"/>
        <source>The engine could not be started: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="160"/>
        <source>Install Cambrian again; the engine belongs beside the window&apos;s program.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="171"/>
        <source>The prediction ended unexpectedly.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="172"/>
        <source>Try again; if the table is very large, try a part of it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="209"/>
        <source>{file} cannot be written: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/prediction.py" line="210"/>
        <source>Make room there, or save in a folder that you may write to.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="28"/>
        <source>{metric} of {target}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="29"/>
        <source>{rows} rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="31"/>
        <source>1 row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="33"/>
        <source>On {rows} it never saw, the evolved network cannot be judged: there the {what} is not defined.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="38"/>
        <source>On {rows} it never saw, the evolved network has {what} {mine}; no baseline is there to compare it with.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="57"/>
        <source>root mean squared error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="58"/>
        <source>mean absolute error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="60"/>
        <source>log-loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="62"/>
        <source>Brier score</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="64"/>
        <source>macro F1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="65"/>
        <source>accuracy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="66"/>
        <source>balanced accuracy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="67"/>
        <source>precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="68"/>
        <source>recall</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="69"/>
        <source>average precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="70"/>
        <source>parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="79"/>
        <source>evolved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="80"/>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="132"/>
        <source>gradient boosting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="81"/>
        <source>linear model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="82"/>
        <source>guessing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="91"/>
        <source>on {number} of {all} rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="92"/>
        <source>in {number} of {all} rounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="99"/>
        <source>fitted {how}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="105"/>
        <source>On {rows} it never saw, the evolved network is better than {baseline}: {what} {mine} against {theirs} (difference {gap}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="110"/>
        <source>On {rows} it never saw, the evolved network is worse than {baseline}: {what} {mine} against {theirs} (difference {gap}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="115"/>
        <source>On {rows} it never saw, the evolved network is not clearly different from {baseline}: {what} {mine} against {theirs} (difference {gap}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="126"/>
        <source>always guessing the classes&apos; shares</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="128"/>
        <source>always guessing the mean</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="../../app/cambrian_desktop/views/verdict.py" line="131"/>
        <source>a linear model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
