/** Big buttons for what people come for; they work when nobody can be heard. */
import { ChartLine, HandCoins, type LucideIcon, MapPinned, Ticket, Undo2, UserRound, WalletCards } from "lucide-react";
import { useState } from "react";
import type { Touch } from "./state";
import { words } from "./wording";

const ICONS: Record<(typeof words.services)[number]["icon"], LucideIcon> = {
  ticket: Ticket,
  way: MapPinned,
  product: HandCoins,
  market: ChartLine,
  wallet: WalletCards,
  person: UserRound,
};

export function Services({ touch, compact }: { touch: (touch: Touch) => void; compact: boolean }) {
  const [places, setPlaces] = useState(false);
  const say = (text: string) => {
    setPlaces(false);
    touch({ type: "say", text });
  };
  return (
    <nav className={compact ? "services services-compact" : "services"}>
      {places ? (
        <>
          {words.places.map((place) => (
            <button type="button" key={place.text} aria-label={place.title} onClick={() => say(place.text)}>
              <MapPinned aria-hidden />
              {compact ? place.short : place.title}
            </button>
          ))}
          <button type="button" className="quiet" onClick={() => setPlaces(false)}>
            <Undo2 aria-hidden />
            {words.back}
          </button>
        </>
      ) : (
        words.services.map((service) => {
          const Icon = ICONS[service.icon];
          return (
            <button
              type="button"
              key={service.text}
              aria-label={service.title}
              onClick={() => (service.icon === "way" ? setPlaces(true) : say(service.text))}
            >
              <Icon aria-hidden />
              {compact ? service.short : service.title}
            </button>
          );
        })
      )}
    </nav>
  );
}
