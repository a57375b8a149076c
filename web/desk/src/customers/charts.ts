/** The customer's figures as messages of the shared renderer, so that they look as they do to the customer. */
import type { Message } from "@shared";
import type { Checkup, Overview } from "../net/types";
import { roughly, share } from "../ui/format";
import { words } from "../wording";

const w = words.customers;

export function overviewChart(overview: Overview): Message {
  return {
    id: "overview",
    privacy: "personal",
    type: "chart",
    kind: "ring",
    title: w.sections.overview,
    unit: "元",
    summary: overview.classes.map((part) => `${part.title} ${roughly(part.value)}，占 ${share(part.share)}`).join("；"),
    data: {
      center: { label: w.total, value: overview.total },
      parts: overview.classes.map((part) => ({ name: part.title, value: part.value, share: part.share })),
    },
  };
}

export function checkupChart(checkup: Checkup): Message {
  return {
    id: "checkup",
    privacy: "personal",
    type: "chart",
    kind: "gauge",
    title: w.sections.checkup,
    unit: "分",
    summary: w.confidence(checkup.confidence_label),
    data: {
      value: String(checkup.score),
      max: "100",
      label: checkup.label,
      // Only what could be judged: an unknown part is not a weak one.
      parts: checkup.parts
        .filter((part) => Number(part.known) > 0)
        .map((part) => ({ name: part.name, value: part.points, max: part.known })),
    },
  };
}
