// What is wrong with the layout of the page as it stands: a list of sentences. An expression, evaluated by
// report_check.py.
(() => {
    const findings = [];
    const describe = node => {
        const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        const place = element.closest("section, header, nav, footer")?.id || element.tagName.toLowerCase();
        const text = (node.textContent || "").trim().slice(0, 30);
        return `${element.tagName.toLowerCase()}.${element.getAttribute("class") || ""} "${text}" in ${place}`;
    };
    const meet = (a, b) => Math.min(Math.min(a.right, b.right) - Math.max(a.left, b.left),
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
    // What remains of a box in all that cut it off.
    const clip = (box, element) => {
        let {left, top, right, bottom} = box;
        for (let outer = element; outer; outer = outer.parentElement) {
            if (outer === document.body || outer === document.documentElement
                || getComputedStyle(outer).overflowX === "visible") continue;
            const frame = outer.getBoundingClientRect();
            [left, top, right, bottom] = [Math.max(left, frame.left), Math.max(top, frame.top),
                Math.min(right, frame.right), Math.min(bottom, frame.bottom)];
        }
        return {left, top, right, bottom};
    };
    const visible = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const large = box => box.right - box.left > 1 && box.bottom - box.top > 1 && box.right > 0;

    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        if (!node.data.trim() || element.closest("script, style, title, option") || !visible(element)) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const boxes = element.ownerSVGElement ? [element.getBoundingClientRect()] : [...range.getClientRects()];
        for (const full of boxes) {
            const box = clip(full, element);
            if (!large(box)) continue;
            texts.push({node, box});
            if (full.right > innerWidth + 1 && box.right > innerWidth
                + 1) findings.push(`runs out of the window: ${describe(node)}`);
            const card = element.closest("section")?.getBoundingClientRect();
            if (card && (box.right > card.right + 1
                || box.left < card.left - 1)) findings.push(`leaves its section: ${describe(node)}`);
        }
    }
    texts.forEach((a, i) => texts.slice(i + 1).forEach(b => {
        if (a.node !== b.node && meet(a.box,
            b.box) > 1.5) findings.push(`overlap: ${describe(a.node)} and ${describe(b.node)}`);
    }));

    const blocks = [...document.querySelectorAll("header, nav, section, footer, h1, h2, h3, p, table, pre, figure, " +
        "canvas, button, select, input, .chart, .class-legend, .controls")]
        .filter(element => visible(element) && !element.closest("[aria-hidden]")).map(element =>
            ({element, box: clip(element.getBoundingClientRect(), element)})).filter(({box}) => large(box));
    blocks.forEach((a, i) => blocks.slice(i + 1).forEach(b => {
        if (!a.element.contains(b.element) && !b.element.contains(a.element) && meet(a.box, b.box) > 1.5)
            findings.push(`overlap: ${describe(a.element)} and ${describe(b.element)}`);
    }));
    for (const button of document.querySelectorAll("button"))
        if (visible(button) && (button.scrollHeight > button.clientHeight + 2 || button.scrollWidth > button.clientWidth
            + 2)) findings.push(`text is cut off: ${describe(button)}`);
    if (document.documentElement.scrollWidth > innerWidth) findings.push(`the page scrolls sideways: ` +
        `${document.documentElement.scrollWidth} px in ${innerWidth}`);

    // Contrast after WCAG 2.1: 4.5, or 3 for large text.
    const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d",
        {willReadFrequently: true});
    const colour = css => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = css;
        pen.fillRect(0, 0, 1, 1);
        return pen.getImageData(0, 0, 1, 1).data;
    };
    const luminance = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92
            : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = element => {
        const disc = element.parentElement.querySelector(":scope > .disc");
        if (disc && element.matches(".disc-tag")) return colour(getComputedStyle(disc).fill);
        for (let outer = element; outer; outer = outer.parentElement) {
            const found = colour(getComputedStyle(outer).backgroundColor);
            if (found[3] > 250) return found;
        }
        return [255, 255, 255, 255];
    };
    const poor = new Set();
    for (const {node} of texts) {
        const element = node.parentElement, style = getComputedStyle(element);
        if (element.closest(":disabled")) continue;
        const [a, b] = [luminance(colour(element.ownerSVGElement ? style.fill : style.color)),
            luminance(ground(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const size = parseFloat(style.fontSize), wanted = size >= 24 || (size >= 18.6 && style.fontWeight >= 600) ? 3
            : 4.5;
        if (ratio < wanted) poor.add(`contrast ${ratio.toFixed(2)} below ${wanted}: ${describe(node)}`);
    }
    const unnamed = [...document.querySelectorAll("button, select, input, canvas, [tabindex='0'], " +
        "svg[role='img']")].filter(element => visible(element) && !element.closest("[aria-hidden]") &&
        !(element.getAttribute("aria-label") || element.textContent.trim() || element.labels?.length));
    return [...findings, ...poor, ...unnamed.map(element => `has no name for a screen reader: ${describe(element)}`)];
})()
