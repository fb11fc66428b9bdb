// The page itself: its head, its sections in order, the theme.

const dateText = created => {
    const date = new Date(created);
    return Number.isNaN(date.getTime()) ? String(created) : date.toISOString().slice(0, 16).replace("T", " ") + " UTC";
};

function showHead(data) {
    const result = data.result ?? {}, best = data.best_epoch ?? result.best_epoch;
    const figures = [
        ["test accuracy", result.test_accuracy ?? data.evaluation?.test?.accuracy, value => formats.percent(value),
            "main"],
        ["validation accuracy", result.val_accuracy ?? data.evaluation?.val?.accuracy, value => formats.percent(value),
            "main"],
        ["best epoch", best, formats.count], ["epochs", result.epochs, formats.count],
            ["training time", result.train_seconds, formats.duration],
        ["parameters", result.parameters, formats.count],
    ].filter(([, value]) => isNumber(value)).map(([name, value, format, kind]) => ({name, text: format(value), kind}));
    const threads = isNumber(result.threads) ? `, ${result.threads} ${result.threads === 1 ? "thread" : "threads"}`
        : "";
    if (result.backend) figures.push({name: "backend", text: String(result.backend) + threads});
    const dataset = data.run?.dataset?.name ?? data.run?.dataset ?? data.config?.dataset?.name;
    const facts = [typeof dataset === "string" && `dataset ${dataset.split("/").at(-1)}`,
        isNumber(data.nodes?.count) && `${formats.count(data.nodes.count)} nodes`,
        data.classes?.length && `${data.classes.length} classes`, isNumber(result.seed) && `seed ${result.seed}`,
            data.created && dateText(data.created)].filter(Boolean);
    const title = String(data.title ?? "Training run");
    document.title = `${title} – training report`;
    document.getElementById("head").replaceChildren(
        html("div", {class: "head-row"}, html("h1", {}, breakable(title)), themeButton()),
            html("p", {class: "facts", text: facts.join(" · ")}),
        ...(figures.length ? [html("dl", {class: "figures"},
            figures.map(({name, text, kind}) => html("div", {class: kind ?? null}, html("dt", {text: name}),
            html("dd", {text}))))] : []));
    document.getElementById("foot").textContent = `Made by tapegrad${data.version ? ` ${data.version}` : ""}. This ` +
        `page needs no network and sends nothing anywhere.`;
}

/// Light or dark as the system has it, until a person chooses.
function themeButton() {
    const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
    const button = html("button", {type: "button", class: "action theme", id: "theme", click: () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        update();
    }});
    const update = () => {
        button.textContent = isDark() ? "Light theme" : "Dark theme";
        dispatchEvent(new Event("themechange"));
    };
    system.addEventListener("change", update);
    update();
    return button;
}

/// Paper is white, and nothing on it opens.
function preparePrinting() {
    let before = null;
    addEventListener("beforeprint", () => {
        const closed = [...document.querySelectorAll("details:not([open])")];
        before = {theme: document.documentElement.dataset.theme, closed};
        closed.forEach(details => (details.open = true));
        document.documentElement.dataset.theme = "light";
        dispatchEvent(new Event("themechange"));
    });
    addEventListener("afterprint", () => {
        before?.closed.forEach(details => (details.open = false));
        if (before?.theme) document.documentElement.dataset.theme = before.theme;
        else delete document.documentElement.dataset.theme;
        dispatchEvent(new Event("themechange"));
    });
}

function showConfig(data) {
    if (!data.config) return null;
    const text = JSON.stringify(data.config, null, 4), code = html("code", {text});
    const status = html("span", {class: "status", role: "status"});
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(text);
            status.textContent = "Copied.";
        } catch {
            getSelection().selectAllChildren(code);
            status.textContent = "The browser does not let the page copy; the text is selected.";
        }
    };
    return [html("div", {class: "controls"}, html("button",
        {type: "button", class: "action", text: "Copy", click: copy}), status),
        html("pre", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Config as JSON"}, code),
        note("The resolved config: every value that the run used. Saved as a file it makes the same run again.")];
}

const trouble = text => html("p", {class: "trouble", role: "alert", text});

function showReport() {
    const main = document.getElementById("content"), contents = document.getElementById("contents");
    let data;
    try {
        data = readData();
    } catch (error) {
        document.getElementById("head").replaceChildren(html("h1", {text: "Training report"}));
        main.replaceChildren(trouble(`This report cannot be shown: ${error.message}. Make it anew from the run's ` +
            `folder.`));
        return;
    }
    // What several sections need is read once; where it is broken, each of them says so.
    const once = read => {
        let result = null;
        return () => (result ??= {value: read()}).value;
    };
    const nodes = once(() => readNodes(data)), graph = once(() => readGraph(data, nodes()));
    const selection = once(() => makeSelection(nodes()));
    const sections = [
        ["curves", "Curves", () => showCurves(data)],
        ["predictions", "Predictions", () => showPredictions(data)],
        ["attention", "Attention", () => showAttention(data)],
        ["node", "A node and its neighbours", () => graph() && showNodeBrowser(graph(), selection())],
        ["map", "Map of the nodes", () => nodes() && showMap(data, nodes(), selection())],
        ["tape", "Tape of a step", () => showTape(data)],
        ["time", "Time by op", () => showOps(data)],
        ["config", "Config", () => showConfig(data)],
    ];
    main.replaceChildren();
    const shown = [];
    const add = (id, title, show) => {
        let content;
        try {
            content = show();
        } catch (error) {
            content = [trouble(`This section cannot be shown, its data is damaged: ${error.message}.`)];
        }
        if (content === null || content === undefined || content === false) return;
        main.append(html("section", {id, "aria-labelledby": `${id}-heading`},
            html("h2", {id: `${id}-heading`, text: title}), content));
        shown.push([id, title]);
    };
    add("head-trouble", "Figures", () => (showHead(data), null));
    for (const section of sections) add(...section);
    if (shown.length === 0) main.append(trouble("This report holds no results: the run's folder had none when it " +
        "was made."));
    contents.replaceChildren(html("ul", {},
        shown.map(([id, title]) => html("li", {}, html("a", {href: `#${id}`, text: title})))));
    preparePrinting();
    try {
        beginSelection(graph, selection);
    } catch {
        // The sections have said already what is wrong with the nodes.
    }
}

/// The node that the address names, else one worth a look.
function beginSelection(graph, selection) {
    if (!graph() || graph().nodes.count === 0) return;
    const wanted = selection().fromAddress();
    selection().begin(wanted >= 0 ? wanted : firstNode(graph()));
    if (wanted >= 0) document.getElementById("node")?.scrollIntoView();
}
