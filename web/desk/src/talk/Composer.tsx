/** The box to write in. Enter sends, Shift+Enter breaks the line, an input method's own Enter does neither. */
import { Button, Input } from "antd";
import { SendHorizontal } from "lucide-react";
import { words } from "../wording";

const w = words.talk;
const MOST = 2000;

export function Composer(props: { draft: string; setDraft: (text: string) => void; send: (text: string) => void }) {
  const { draft, setDraft } = props;
  const send = () => {
    const text = draft.trim();
    if (!text) return;
    props.send(text);
    setDraft("");
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Input.TextArea
        id="say"
        aria-label={w.say}
        placeholder={matchMedia("(min-width: 60.01rem)").matches ? w.placeholder : w.placeholderShort}
        autoSize={{ minRows: 1, maxRows: 6 }}
        maxLength={MOST}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <Button
        type="primary"
        htmlType="submit"
        disabled={!draft.trim()}
        icon={<SendHorizontal aria-hidden size={18} />}
        aria-label={w.send}
      />
    </form>
  );
}
