/** What the robot shows (robot/screen.py), and the connection that brings it. Touches go back the same way. */
import type { Message } from "@shared";
import { useEffect, useRef, useState } from "react";

export type Face = "idle" | "listening" | "thinking" | "speaking" | "happy" | "sorry";

export interface Place {
  id: string;
  name: string;
  x: number;
  y: number;
}

export interface BranchMap {
  width: number;
  height: number;
  places: Place[];
  robot: { x: number; y: number; state: string; target: string };
}

export interface Shown {
  face: Face;
  heard: string;
  said: string;
  cards: Message[];
  notice: string;
  light: "ok" | "offline";
  map: BranchMap | null;
  visit: boolean;
}

export type Touch = { type: "say"; text: string } | { type: "wake" | "stop" | "repeat" | "bye" };

export const BLANK: Shown = {
  face: "idle",
  heard: "",
  said: "",
  cards: [],
  notice: "",
  light: "offline",
  map: null,
  visit: false,
};

const RETRY_MS = 1000;

/** The state as it comes; connected is false while the robot's programme is away. */
export function useRobot(): { shown: Shown; connected: boolean; touch: (touch: Touch) => void } {
  const [shown, setShown] = useState<Shown>(BLANK);
  const [connected, setConnected] = useState(false);
  const socket = useRef<WebSocket | null>(null);

  useEffect(() => {
    let timer = 0;
    let over = false;
    const open = () => {
      const line = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/screen`);
      socket.current = line;
      line.onopen = () => setConnected(true);
      line.onmessage = (event) => {
        try {
          setShown({ ...BLANK, ...JSON.parse(String(event.data)) });
        } catch {
          // A broken frame: the next one carries the whole state again.
        }
      };
      line.onclose = () => {
        setConnected(false);
        // The last visitor's words must not stay when the programme dies.
        setShown(BLANK);
        if (!over) timer = window.setTimeout(open, RETRY_MS);
      };
    };
    open();
    return () => {
      over = true;
      window.clearTimeout(timer);
      socket.current?.close();
    };
  }, []);

  const touch = (what: Touch) => {
    if (socket.current?.readyState === WebSocket.OPEN) socket.current.send(JSON.stringify(what));
  };
  return { shown, connected, touch };
}
