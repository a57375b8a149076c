/** Where the names on the map go, so that none covers another, a place or the robot. */
export interface Point {
  x: number;
  y: number;
}

interface Box extends Point {
  width: number;
  height: number;
}

/** Height of a Chinese character on the map, metres; CSS uses the same figure. */
export const LETTER = 0.7;
const GAP = 0.4;

const apart = (a: Box, b: Box) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

const around = ({ x, y }: Point, reach: number): Box => ({
  x: x - reach,
  y: y - reach,
  width: 2 * reach,
  height: 2 * reach,
});

/** The middle of each name's box: below its place, else above, right or left of it; null where no side is free. */
export function placeLabels(
  places: (Point & { name: string })[],
  taken: Point[],
  size: { width: number; height: number },
): (Point | null)[] {
  const used = [...places.map((place) => around(place, 0.25)), ...taken.map((point) => around(point, 0.5))];
  return places.map(({ x, y, name }) => {
    const width = name.length * LETTER;
    const aside = GAP + width / 2;
    const below = GAP + LETTER / 2;
    const middles = [
      { x, y: y + below },
      { x, y: y - below },
      { x: x + aside, y },
      { x: x - aside, y },
    ];
    for (const middle of middles) {
      const box = { x: middle.x - width / 2, y: middle.y - LETTER / 2, width, height: LETTER };
      const inside = box.x >= 0 && box.y >= 0 && box.x + width <= size.width && box.y + LETTER <= size.height;
      if (inside && used.every((other) => apart(box, other))) {
        used.push(box);
        return middle;
      }
    }
    return null;
  });
}
