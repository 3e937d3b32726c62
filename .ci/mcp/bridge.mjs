// Serves `headroom mcp`, which speaks over standard input and output, with the streamable HTTP transport: each session has
// a process of its own, and every message is passed on as it is.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../target/tools/npm/package.json", import.meta.url));
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPServerTransport } = require("@modelcontextprotocol/sdk/server/streamableHttp.js");

/** Serves this program on a free port of the loopback: its URL, and a function that ends all sessions. */
export async function bridge(program) {
  const sessions = new Map();

  async function open() {
    const stdio = new StdioClientTransport(program);
    const http = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, http);
      },
    });
    http.onmessage = (message) => stdio.send(message);
    stdio.onmessage = (message) => http.send(message);
    http.onclose = () => stdio.close();
    stdio.onclose = () => http.close();
    await stdio.start();
    await http.start();
    return http;
  }

  const server = createServer(async (request, response) => {
    const id = request.headers["mcp-session-id"];
    const http = id === undefined ? await open() : sessions.get(id);
    if (http === undefined) return response.writeHead(404).end();
    await http.handleRequest(request, response);
    if (http.sessionId === undefined) await http.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    await Promise.all([...sessions.values()].map((http) => http.close()));
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/mcp`, close };
}
