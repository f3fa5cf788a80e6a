// The npm client of Socket.IO: node client.mjs MODULES URL NAMESPACE OPTIONS
//
// MODULES is the folder that has node_modules; OPTIONS are those of io(), as JSON. Commands come on
// standard input, each a line of JSON; what happens goes to standard output the same way.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const [modules, url, namespace, given] = process.argv.slice(2);
const { io } = createRequire(join(modules, "package.json"))("socket.io-client");

const say = (what, value = null) => console.log(JSON.stringify({ what, value }));

const options = JSON.parse(given);
const answers = [];
if (options.auth === "ask") {
  // Asked for anew at each attempt; the answer comes as a command.
  options.auth = (use) => {
    answers.push(use);
    say("auth");
  };
}

const socket = io(url + namespace, { forceNew: true, reconnectionDelay: 20, ...options });
const watchTransport = () => {
  const { engine } = socket.io;
  say("transport", engine.transport.name);
  engine.on("upgrade", (transport) => say("upgrade", transport.name));
};
socket.io.on("open", watchTransport);
socket.on("connect", () => say("connect"));
socket.on("connect_error", (error) => say("connect_error", error.message));
socket.on("disconnect", (reason) => say("disconnect", reason));
socket.onAny((...event) => say("event", event));

const commands = {
  auth: (value) => answers.shift()(value),
  connect: () => socket.connect(),
  emit: (args) => socket.emit(...args),
  emitAck: (args) => socket.emit(...args, (...answer) => say("ack", answer)),
  end: () => {
    socket.disconnect();
    process.stdin.destroy();
  },
};
const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  const { command, value } = JSON.parse(line);
  commands[command](value);
});
input.on("close", () => socket.disconnect());
