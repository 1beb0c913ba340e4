<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss this message</source>
        <translation>关闭这条消息</translation>
    </message>
</context>
<context>
    <name>Faults</name>
    <message>
        <source>Something in the window went wrong: {error}.</source>
        <translation>窗口内部出错：{error}。</translation>
    </message>
    <message>
        <source>Runs are not touched by it. The details are in {path}.</source>
        <translation>正在进行的运行不受影响。详情见 {path}。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Home</source>
        <translation>主页</translation>
    </message>
    <message>
        <source>New experiment</source>
        <translation>新建实验</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Individuals</source>
        <translation>个体</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>The Chinese texts are missing from this installation, so the window speaks English.</source>
        <translation>此安装缺少中文文本，因此窗口显示英文。</translation>
    </message>
    <message>
        <source>In a checkout run packaging/translations.sh; otherwise install Cambrian again.</source>
        <translation>若使用源码，请运行 packaging/translations.sh；否则请重新安装 Cambrian。</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Each holds at once; runs that go on keep theirs.</source>
        <translation>更改立即生效；正在进行的运行不受影响。</translation>
    </message>
    <message>
        <source>Workspace</source>
        <translation>工作区</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>New runs</source>
        <translation>新的运行</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>The folder that holds every run: its history, its own copy of the rows and its model. Runs stay where they are when you choose another.</source>
        <translation>所有运行都保存在此文件夹中：历史记录、各自的数据副本和模型。更换文件夹时，已有的运行留在原处。</translation>
    </message>
    <message>
        <source>Choose folder…</source>
        <translation>选择文件夹…</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Use the default</source>
        <translation>恢复默认</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>Chosen by Cambrian</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Processes that train at the same time. Chosen by Cambrian: one a core, and one core left free on machines with more than four. The number never changes a result.</source>
        <translation>同时训练的进程数。自动：每个核心一个；超过四个核心时留出一个。进程数不会影响结果。</translation>
    </message>
    <message>
        <source>Cambrian {version}, MIT licence</source>
        <translation>Cambrian {version}，MIT 许可证</translation>
    </message>
    <message>
        <source>Settings and log are in {folder}</source>
        <translation>设置和日志位于 {folder}</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be written to.</source>
        <translation>无法写入文件夹 {folder}。</translation>
    </message>
    <message>
        <source>Choose a folder of your own.</source>
        <translation>请选择一个您有写入权限的文件夹。</translation>
    </message>
    <message>
        <source>Choose the workspace</source>
        <translation>选择工作区</translation>
    </message>
    <message>
        <source>The folder {folder} is not there yet.</source>
        <translation>文件夹 {folder} 尚不存在。</translation>
    </message>
    <message>
        <source>The first run makes it.</source>
        <translation>第一次运行时会自动创建。</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
</TS>
