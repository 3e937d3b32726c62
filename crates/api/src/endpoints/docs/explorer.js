// The explorer: Swagger UI with this server's document and a login that refreshes its session.
//
// Tokens are kept in memory only: they end with the page, and no other page can read them.
"use strict";

// The server's base URL, including a path prefix of a proxy.
const base = new URL("..", document.baseURI).href.replace(/\/$/, "");

// The session that requests are sent in: { username, accessToken, refreshToken, expiresAt }.
let session = null;
let expiry;
let ui;

function say(text) {
  document.getElementById("session").textContent = text;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    throw Object.assign(new Error(answer.detail), { status: response.status });
  }
  return answer;
}

function keep(username, token) {
  const expiresAt = Date.now() + token.expires_in * 1000;
  session = { username, accessToken: token.access_token, refreshToken: token.refresh_token, expiresAt };
  clearTimeout(expiry);
  expiry = setTimeout(() => say("The access token has expired. The next request gets a new one."), expiresAt - Date.now());
  const auth = { name: "password", schema: { type: "oauth2", flow: "password" } };
  ui.authActions.authorizeOauth2({ auth, token: { access_token: token.access_token, token_type: "Bearer" } });
}

function forget() {
  clearTimeout(expiry);
  session = null;
  const names = ui.authSelectors.authorized()?.keySeq().toArray() ?? [];
  if (names.length > 0) {
    ui.authActions.logout(names);
  }
}

async function logIn(username, password) {
  const token = await post("/token", { username, password });
  forget();
  keep(username, token);
  say(`Logged in as ${username}.`);
}

async function logOut() {
  const refreshToken = session?.refreshToken;
  forget();
  say("Logged out.");
  if (refreshToken) {
    await post("/token/revoke", { refresh_token: refreshToken });
  }
}

function useKey(key) {
  forget();
  const schema = { type: "http", scheme: "bearer" };
  ui.authActions.authorize({ program_key: { name: "program_key", schema, value: key } });
  say("Acting with an API key.");
}

// A refresh token is valid for one use: concurrent requests with an expired token share one
// refresh.
let refreshing = null;

function refresh() {
  refreshing ??= tryToRefresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function tryToRefresh() {
  try {
    keep(session.username, await post("/token/refresh", { refresh_token: session.refreshToken }));
    say("The access token had expired: the page has got a new one.");
    return true;
  } catch (error) {
    if (error.status === 401) {
      forget();
      say("Your session has ended. Log in again: press Authorize.");
    } else {
      say(`The access token has expired, and it could not be refreshed: ${error.message}`);
    }
    return false;
  }
}

async function requestInterceptor(request) {
  const isOurs = session && request.headers?.Authorization === `Bearer ${session.accessToken}`;
  if (isOurs && Date.now() >= session.expiresAt && (await refresh())) {
    request.headers.Authorization = `Bearer ${session.accessToken}`;
  }
  return request;
}

async function responseInterceptor(response) {
  // The server's clock may be ahead, or the session revoked.
  const isRefused = response.status === 401 && ["token_expired", "invalid_token"].includes(response.obj?.code);
  if (isRefused && session && (await refresh())) {
    say("The access token had expired: the page has got a new one. Press Execute again.");
  }
  return response;
}

// The dialog of Authorize. It replaces Swagger UI's, which asks for a client id and a client
// secret, and which focuses its last field.
function Login({ authSelectors, authActions, React }) {
  const { createElement: h, useState } = React;
  const [fault, setFault] = useState("");
  const close = () => authActions.showDefinitions(false);

  const form = (title, act, label, ...fields) => {
    const submit = async (event) => {
      event.preventDefault();
      try {
        await act(new FormData(event.target));
        close();
      } catch (error) {
        setFault(error.message);
      }
    };
    const button = h("button", { type: "submit", className: "btn authorize" }, label);
    return h("form", { onSubmit: submit }, h("h3", null, title), ...fields, button);
  };
  const field = (name, label, attributes) =>
    h("label", null, label, h("input", { name, type: "text", required: true, ...attributes }));

  const passwordAttributes = { type: "password", autoComplete: "current-password" };
  const forms = [
    form(
      "With your username",
      (fields) => logIn(fields.get("username"), fields.get("password")),
      "Log in",
      field("username", "Username", { autoComplete: "username", autoCapitalize: "none", autoFocus: true }),
      field("password", "Password", passwordAttributes),
    ),
    form(
      "With an API key",
      (fields) => useKey(fields.get("key")),
      "Use this key",
      field("key", "API key", { type: "password", autoComplete: "off" }),
    ),
  ];
  const who = session ? `Logged in as ${session.username}` : "Acting with an API key";
  const isLoggedIn = authSelectors.authorized()?.size > 0;
  return h(
    "div",
    { className: "headroom-login", onKeyDown: (event) => event.key === "Escape" && close() },
    h(
      "div",
      { role: "dialog", "aria-modal": true, "aria-labelledby": "login-title" },
      h("h2", { id: "login-title" }, "Log in"),
      h("p", { role: "alert" }, fault),
      ...(isLoggedIn ? [form(who, logOut, "Log out")] : forms),
      h("button", { type: "button", className: "btn", onClick: close }, "Close"),
    ),
  );
}

const plugin = ({ React }) => ({
  components: {
    authorizationPopup: (props) => React.createElement(Login, { ...props, React }),
    // There is one server: the origin of the page.
    ServersContainer: () => null,
  },
});

async function start() {
  const response = await fetch(`${base}/openapi.json`);
  const spec = await response.json();
  spec.servers = [{ url: base }];
  ui = SwaggerUIBundle({
    domNode: document.getElementById("explorer"),
    spec,
    plugins: [plugin],
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    persistAuthorization: false,
    validatorUrl: null,
    requestInterceptor,
    responseInterceptor,
  });
  // Earlier versions of Headroom stored the password and the tokens in the browser.
  window.localStorage.removeItem("authorized");
}

start().catch((error) => say(`The document cannot be shown: ${error.message}`));
