/** Every kind of message on one page (/?gallery, demo only): for designers, and for the tests that look at each. */
import { type Host, HostProvider, type Message, MessageView } from "@shared";
import { useMemo, useState } from "react";
import { isDark, useAppearance } from "../appearance";
import examples from "../gallery.json";
import { words } from "../wording";
import { Header } from "./Header";

export default function Gallery() {
  const look = useAppearance();
  const [said, setSaid] = useState("");
  const host = useMemo<Host>(
    () => ({
      masked: look.masked,
      appearance: `${isDark(look)}/${look.large}`,
      say: (option) => setSaid(option.text),
      open: (url) => setSaid(url),
      purchase: (product) => setSaid(product.code),
    }),
    [look],
  );
  return (
    <div className="app">
      <Header note={words.gallery.title} />
      <main className="gallery">
        <div className="gallery-items">
          <h2>{words.gallery.title}</h2>
          <p className="pb-note" role="status">
            {said || words.gallery.note}
          </p>
          <HostProvider value={host}>
            {(examples as Message[]).map((message) => (
              <div key={message.id} data-message={message.id}>
                <MessageView message={message} />
              </div>
            ))}
          </HostProvider>
        </div>
      </main>
    </div>
  );
}
