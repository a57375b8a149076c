import { createRoot } from "react-dom/client";
import "@shared/styles/index.css";
import "./styles/page.css";
import "./styles/thread.css";
import "./styles/sheets.css";
import { App } from "./ui/App";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
