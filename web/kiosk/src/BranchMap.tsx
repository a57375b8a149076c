/** The branch's map while the robot leads somebody: places, the way, and where it is. */
import { LETTER, placeLabels } from "./labels";
import type { BranchMap as Branch } from "./state";
import { words } from "./wording";

export function BranchMap({ map }: { map: Branch }) {
  const target = map.places.find((place) => place.id === map.robot.target);
  // The goal's name first: it gets the best side.
  const places = [...map.places].sort((a, b) => Number(b === target) - Number(a === target));
  const labels = placeLabels(places, [map.robot], map);
  return (
    <section className="map">
      <h2>{target ? words.walking(target.name) : ""}</h2>
      <svg viewBox={`-0.2 -0.2 ${map.width + 0.4} ${map.height + 0.4}`} role="img" aria-label={words.map}>
        <rect className="map-floor" x="0" y="0" width={map.width} height={map.height} rx="0.6" />
        {target && <line className="map-way" x1={map.robot.x} y1={map.robot.y} x2={target.x} y2={target.y} />}
        {places.map((place, index) => {
          const label = labels[index];
          return (
            <g key={place.id} className={place === target ? "map-place map-target" : "map-place"}>
              <circle cx={place.x} cy={place.y} r={place === target ? 0.4 : 0.22} />
              {label && (
                <text x={label.x} y={label.y} fontSize={LETTER}>
                  {place.name}
                </text>
              )}
            </g>
          );
        })}
        <circle className="map-here" cx={map.robot.x} cy={map.robot.y} r="0.5" />
        <circle className="map-robot" cx={map.robot.x} cy={map.robot.y} r="0.5" />
      </svg>
      <p className="map-key">
        <i className="map-key-robot" />
        {words.here}
        <i className="map-key-target" />
        {target ? target.name : words.goal}
      </p>
    </section>
  );
}
