/** What lies over the thread, one at a time, as an entry of the browser's history: the back button closes it. */
import { useCallback, useEffect, useState } from "react";

export type Overlay = "more" | "settings" | "binding";

export function useOverlay(): { overlay: Overlay | null; show: (next: Overlay) => void; close: () => void } {
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  useEffect(() => {
    // A reload keeps the entry's state but not the sheet.
    if (history.state?.overlay) history.replaceState(null, "");
    const back = (event: PopStateEvent) => setOverlay((event.state as { overlay?: Overlay } | null)?.overlay ?? null);
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const show = useCallback(
    (next: Overlay) => {
      // From one sheet to the next is one step: back leads to the thread.
      if (overlay) history.replaceState({ overlay: next }, "");
      else history.pushState({ overlay: next }, "");
      setOverlay(next);
    },
    [overlay],
  );
  const close = useCallback(() => {
    if (history.state?.overlay) history.back();
    else setOverlay(null);
  }, []);
  return { overlay, show, close };
}
