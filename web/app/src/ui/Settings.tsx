/** Settings and privacy: personalisation, pushes, quiet hours, consents, my data. Each change is stored at once. */
import { Download, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { type Api, explain, type Preferences } from "../net/api";
import { words } from "../wording";

const w = words.settings;

function Switch(props: {
  id: string;
  title: string;
  text?: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <div className="setting">
      <div>
        <label htmlFor={props.id}>{props.title}</label>
        {props.text && <p id={`${props.id}-text`}>{props.text}</p>}
      </div>
      <input
        id={props.id}
        type="checkbox"
        role="switch"
        checked={props.on}
        disabled={props.disabled}
        aria-describedby={props.text ? `${props.id}-text` : undefined}
        onChange={(event) => props.onChange(event.target.checked)}
      />
    </div>
  );
}

const HALF_HOURS = Array.from({ length: 48 }, (_, n) => `${String(n >> 1).padStart(2, "0")}:${n % 2 ? "30" : "00"}`);

/** A time of day in 24 hours; the browser's own time field follows the phone's language instead. */
function Hour(props: { label: string; value: string; onChange: (value: string) => void }) {
  const values = HALF_HOURS.includes(props.value) ? HALF_HOURS : [props.value, ...HALF_HOURS];
  return (
    <select aria-label={props.label} value={props.value} onChange={(event) => props.onChange(event.target.value)}>
      {values.map((value) => (
        <option key={value}>{value}</option>
      ))}
    </select>
  );
}

function save(name: string, content: unknown): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function Settings(props: {
  api: Api;
  version: number;
  toast: (text: string) => void;
  onDelete: () => Promise<void>;
}) {
  const { api, toast } = props;
  const [preferences, setPreferences] = useState<Preferences>();
  const [failed, setFailed] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [busy, setBusy] = useState(false);

  const load = () => {
    setFailed(false);
    api.call<Preferences>("GET", "/preferences").then(setPreferences, () => setFailed(true));
  };
  useEffect(load, [api, props.version]);

  const put = (change: object, optimistic?: Partial<Preferences>) => {
    const before = preferences;
    if (preferences && optimistic) setPreferences({ ...preferences, ...optimistic });
    api.call<Preferences>("PUT", "/preferences", change).then(
      (after) => {
        setPreferences(after);
        toast(w.saved);
      },
      (error: unknown) => {
        setPreferences(before);
        toast(explain(error) || w.notSaved);
      },
    );
  };
  const exportData = () => {
    setBusy(true);
    api
      .call<unknown>("GET", "/export")
      .then((content) => save("peiban-data.json", content))
      .catch((error: unknown) => toast(explain(error) || w.exportFailed))
      .finally(() => setBusy(false));
  };
  const remove = () => {
    setBusy(true);
    props
      .onDelete()
      .then(() => toast(w.deleted))
      .catch((error: unknown) => toast(explain(error) || w.deleteFailed))
      .finally(() => {
        setBusy(false);
        setConfirming(false);
      });
  };

  if (failed) {
    return (
      <div className="state">
        <p>{w.failed}</p>
        <button type="button" className="button" onClick={load}>
          {words.thread.retry}
        </button>
      </div>
    );
  }
  if (!preferences) {
    return (
      <div role="status" aria-label={w.loading}>
        {[1, 2, 3, 4].map((row) => (
          <div key={row} className="pb-skeleton skeleton-row" />
        ))}
      </div>
    );
  }
  if (confirming) {
    return (
      <div className="confirm" role="alertdialog" aria-labelledby="confirm-title" aria-describedby="confirm-text">
        <h3 id="confirm-title">{w.deleteTitle}</h3>
        <p id="confirm-text">{w.deleteText}</p>
        <button type="button" className="button button-danger" disabled={busy} onClick={remove}>
          {w.deleteYes}
        </button>
        <button type="button" className="button button-quiet" autoFocus disabled={busy} onClick={() => setConfirming(false)}>
          {w.cancel}
        </button>
      </div>
    );
  }
  const { quiet_hours: quiet, push_types: pushes, push_labels: labels } = preferences;
  const setQuiet = (part: Partial<typeof quiet>) => {
    const next = { ...quiet, ...part };
    put({ quiet_hours: next }, { quiet_hours: next });
  };
  return (
    <>
      <section>
        <Switch
          id="personalised"
          title={w.personal}
          text={w.personalText}
          on={preferences.personalised}
          onChange={(on) => put({ personalised: on }, { personalised: on })}
        />
      </section>
      <section>
        <h3>{w.pushes}</h3>
        {Object.entries(pushes).map(([type, on]) => (
          <Switch
            key={type}
            id={`push-${type}`}
            title={labels[type] ?? type}
            on={on}
            onChange={(next) => put({ push_types: { [type]: next } }, { push_types: { ...pushes, [type]: next } })}
          />
        ))}
        <div className="setting setting-hours">
          <div>
            <span id="quiet">{w.quiet}</span>
            <p>{w.quietNote}</p>
          </div>
          <div className="hours" role="group" aria-labelledby="quiet">
            <Hour label={w.from} value={quiet.start} onChange={(start) => setQuiet({ start })} />
            <span aria-hidden>–</span>
            <Hour label={w.to} value={quiet.end} onChange={(end) => setQuiet({ end })} />
          </div>
        </div>
      </section>
      <section>
        <h3>{w.consents}</h3>
        {preferences.consents
          .filter((consent) => consent.purpose !== "personalisation")
          .map((consent) => (
            <Switch
              key={consent.purpose}
              id={`consent-${consent.purpose}`}
              title={consent.title}
              text={consent.required ? `${consent.text}（${w.required}）` : consent.text}
              on={consent.granted}
              disabled={consent.required}
              onChange={(granted) => put({ consents: [{ purpose: consent.purpose, granted }] })}
            />
          ))}
      </section>
      <section>
        <h3>{w.data}</h3>
        <button type="button" className="row-button" disabled={busy} onClick={exportData}>
          <Download aria-hidden />
          <span>
            {w.export}
            <small>{w.exportNote}</small>
          </span>
        </button>
        <button type="button" className="row-button row-danger" disabled={busy} onClick={() => setConfirming(true)}>
          <Trash2 aria-hidden />
          <span>
            {w.delete}
            <small>{w.deleteNote}</small>
          </span>
        </button>
      </section>
    </>
  );
}
