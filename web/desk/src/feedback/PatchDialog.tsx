/** The change as it would go into data/, with the score before and after. */
import { useQuery } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { Download } from "lucide-react";
import { get } from "../net/api";
import { Loaded } from "../ui/parts";
import { words } from "../wording";
import type { Patch } from "./queries";

const w = words.feedback;

/** 0.9312 → "93.1%", each with its name. */
function Scores({ scores }: { scores: Record<string, number> }) {
  return (
    <>
      {Object.entries(scores).map(([name, score]) => (
        <span key={name} className="score">
          {(score * 100).toFixed(1)}% <small>{name}</small>
        </span>
      ))}
    </>
  );
}

function lineKind(line: string): "add" | "remove" | "file" | undefined {
  if (/^(\+\+\+|---|diff |index |@@)/.test(line)) return "file";
  if (line.startsWith("+")) return "add";
  return line.startsWith("-") ? "remove" : undefined;
}

export function PatchDialog({ id, close }: { id: string; close: () => void }) {
  const patch = useQuery({
    queryKey: ["patch", id],
    queryFn: () => get<Patch>(`/feedback/${id}/patch`),
    staleTime: 0,
  });
  return (
    <Modal open title={w.patchTitle} onCancel={close} footer={null} width={760}>
      <Loaded query={patch} rows={6}>
        {({ patch: text, before, after, files }) => (
          <>
            <dl className="counts counts-two">
              <div>
                <dt>{w.before}</dt>
                <dd><Scores scores={before} /></dd>
              </div>
              <div>
                <dt>{w.after}</dt>
                <dd><Scores scores={after} /></dd>
              </div>
            </dl>
            <p className="faint">
              {w.file}：{files.join("、")}
            </p>
            <pre className="patch" tabIndex={0}>
              {text.split("\n").map((line, index) => (
                <span key={index} data-kind={lineKind(line)}>
                  {`${line}\n`}
                </span>
              ))}
            </pre>
            <Button
              icon={<Download aria-hidden size={16} />}
              onClick={() => {
                const address = URL.createObjectURL(new Blob([text], { type: "text/x-diff" }));
                const link = document.createElement("a");
                link.href = address;
                link.download = `feedback-${id}.patch`;
                link.click();
                URL.revokeObjectURL(address);
              }}
            >
              {w.download}
            </Button>
          </>
        )}
      </Loaded>
    </Modal>
  );
}
