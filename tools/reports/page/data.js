// The run as it stands in the page: one JSON object whose long arrays are packed as base64.

const arrayTypes = {f32: Float32Array, i32: Int32Array, u16: Uint16Array, u8: Uint8Array, i8: Int8Array};

/// The numbers of a packed array; fractions come back in [0, 1].
function unpack(packed, name) {
    const type = arrayTypes[packed?.type];
    if (!type) throw new Error(`${name}: expected an array of type ${Object.keys(arrayTypes).join(", ")}, got ` +
        `${packed?.type}`);
    const bytes = Uint8Array.from(atob(packed.data), character => character.charCodeAt(0));
    const expected = packed.shape.reduce((product, length) => product * length, 1);
    if (bytes.length !== expected * type.BYTES_PER_ELEMENT)
        throw new Error(`${name}: expected ${expected} numbers of type ${packed.type}, got ${bytes.length} bytes`);
    const values = new type(bytes.buffer);
    return packed.fraction ? Float32Array.from(values, value => value / 65535) : values;
}

/// What the page's element of the id "report-data" holds. Throws an Error that a reader understands.
function readData() {
    const text = document.getElementById("report-data")?.textContent.trim() ?? "";
    if (text === "" || text.startsWith("{{")) throw new Error("it holds no data");
    let data;
    try {
        data = JSON.parse(text);
    } catch (error) {
        throw new Error(`its data is no JSON (${error.message})`);
    }
    if (data === null || typeof data !== "object" || Array.isArray(data)) throw new Error("its data is no JSON object");
    return data;
}

const splitNames = ["none", "train", "val", "test"];

/// The nodes with all that is known of each, or null where the run has none.
function readNodes(data) {
    if (!data.nodes) return null;
    const {nodes} = data, count = nodes.count;
    const optional = key => (nodes[key] ? unpack(nodes[key], `nodes.${key}`) : null);
    const names = nodes.names ?? Array.from({length: count}, (_, i) => String(i));
    const label = optional("label"), predicted = optional("predicted"), split = optional("split");
    for (const [key, values] of Object.entries({names, label, predicted, split}))
        if (values && values.length !== count) throw new Error(`nodes.${key}: expected ${count} values, got ` +
            `${values.length}`);
    const classes = describeClasses((data.classes ?? []).map(String));
    const classOf = values => node => classes[values ? values[node] : -1] ?? unknownClass;
    return {
        count, names, classes, probabilities: optional("probabilities"),
        name: node => String(names[node]),
        label: classOf(label), predicted: classOf(predicted),
        hasLabels: label !== null, hasPredictions: predicted !== null,
        split: node => splitNames[split ? split[node] : 0] ?? "none",
        wrong: node => label !== null && predicted !== null && label[node] >= 0 && label[node] !== predicted[node],
        find: name => names.findIndex(other => String(other) === name),
    };
}
