// Shows /openapi.json: every operation with its parameters and body, and the codes of errors.

const el = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter(Boolean));
  return node;
}

const api = await (await fetch("/openapi.json")).json();
const named = (reference) => reference.split("/").pop();
const resolve = (schema) => (schema?.$ref ? api.components.schemas[named(schema.$ref)] : schema) ?? {};

function typeOf(schema) {
  if (!schema || Object.keys(schema).length === 0) return "any";
  if (schema.$ref) return named(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.oneOf) return schema.oneOf.map((one) => (one.const !== undefined ? JSON.stringify(one.const) : typeOf(one))).join(" | ");
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.type === "array") return `${typeOf(schema.items)}[]`;
  return [schema.type].flat().join(" | ") || "any";
}

function table(rows) {
  const line = ([name, type, what]) => make("tr", {}, make("td", {}, make("code", {}, name)), make("td", {}, make("code", {}, type)), make("td", {}, what ?? ""));
  return rows.length > 0 ? make("table", {}, ...rows.map(line)) : null;
}

function fields(schema) {
  const body = resolve(schema);
  const required = new Set(body.required ?? []);
  const row = ([name, field]) => [name + (required.has(name) ? " *" : ""), typeOf(field), field.description ?? resolve(field).description];
  return table(Object.entries(body.properties ?? {}).map(row));
}

function operation(path, method, one) {
  const body = one.requestBody?.content?.["application/json"]?.schema;
  const parameters = (one.parameters ?? []).map((each) => [`${each.name} (${each.in})`, typeOf(each.schema), each.description]);
  return make("details", { id: one.operationId },
    make("summary", {}, make("span", { class: "method" }, method.toUpperCase()), make("code", {}, path)),
    make("p", {}, body ? (resolve(body).description ?? one.summary) : one.summary),
    parameters.length > 0 ? make("h2", {}, "Parameters") : null, table(parameters),
    body && fields(body) ? make("h2", {}, "Body") : null, body ? fields(body) : null);
}

el("about").textContent = api.info.description;
const groups = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, one] of Object.entries(methods)) {
    const tag = one.tags?.[0] ?? "other";
    groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, one)]);
  }
}
for (const [tag, operations] of groups) el("operations").append(make("h2", {}, tag), ...operations);
const codes = api.components.schemas.Code?.oneOf ?? [];
el("codes").replaceChildren(...codes.map((code) =>
  make("tr", { id: code.const }, make("td", {}, make("code", {}, code.const)), make("td", {}, code.description ?? ""))));
