// The npm client of OpenAI: node openai.mjs MODULES URL KEY
//
// MODULES is the folder that has node_modules. Uses the API in all ways that the test is about, and
// prints what came of each as one JSON object.
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, url, apiKey] = process.argv.slice(2);
const OpenAI = createRequire(join(modules, "package.json"))("openai");

const client = new OpenAI({ baseURL: url, apiKey, maxRetries: 0 });
const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: [{ type: "text", text: "Hi" }] },
];
const model = "coordinator";
const failure = ({ constructor, status, code, message }) => ({ kind: constructor.name, status, code, message });
const failing = (call) => call().then(() => null, failure);

const result = {};
result.models = [];
for await (const each of client.models.list()) {
  result.models.push(each.id);
}
result.model = (await client.models.retrieve("echo")).id;

const whole = await client.chat.completions.create({ model, messages, temperature: 0.2 });
result.whole = whole.choices[0].message.content;
result.usage = whole.usage;

const streamed = { text: "", reasons: [] };
const stream = await client.chat.completions.create({
  model,
  messages,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  streamed.text += chunk.choices[0]?.delta.content ?? "";
  streamed.reasons.push(chunk.choices[0]?.finish_reason ?? null);
  streamed.usage = chunk.usage ?? streamed.usage;
}
result.streamed = streamed;

result.noModel = await failing(() => client.chat.completions.create({ model: "none", messages }));
result.noKey = await failing(() =>
  new OpenAI({ baseURL: url, apiKey: "wrong", maxRetries: 0 }).models.list());
result.noMessages = await failing(() => client.chat.completions.create({ model, messages: [] }));
result.twoReplies = await failing(() => client.chat.completions.create({ model, messages, n: 2 }));
const picture = { type: "image_url", image_url: { url: "https://example.com/a.png" } };
result.picture = await failing(() =>
  client.chat.completions.create({ model, messages: [{ role: "user", content: [picture] }] }));
result.tooLarge = await failing(() =>
  client.chat.completions.create({ model, messages: [{ role: "user", content: "x".repeat(1_100_000) }] }));
// The test lets these two replies fail.
result.failed = await failing(() => client.chat.completions.create({ model, messages }));
result.limited = await failing(() => client.chat.completions.create({ model, messages, stream: true }));

// The test lets these two replies begin and never end.
const half = await client.chat.completions.create({ model, messages, stream: true });
result.half = "";
for await (const chunk of half) {
  result.half += chunk.choices[0].delta.content ?? "";
  if (result.half) {
    half.controller.abort();
  }
}
const abort = new AbortController();
setTimeout(() => abort.abort(), 300);
result.aborted = await failing(() =>
  client.chat.completions.create({ model, messages }, { signal: abort.signal }));

console.log(JSON.stringify(result));
