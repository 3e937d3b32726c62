// The console: mounts the application.

import { render } from "preact";
import { App } from "./app";
import "./style.css";

const root = document.getElementById("app")!;
root.replaceChildren();
render(<App />, root);
