// What Outlook's dark mode makes of a mail: each colour keeps its hue and gets the opposite lightness; images stay.
//
// Outlook for the web and the new Outlook turn lightness round in CIELAB (roosterjs, `getDarkColor`): so does this.

type Lab = [number, number, number];

/** The lightness of Outlook's dark page, #333; everything darker than that in the result would be a hole in it. */
const BASE = 21.247;

/** Recolours everything below `root` that has a colour of its own. */
export function recolour(root: HTMLElement): void {
  const view = root.ownerDocument.defaultView;
  if (!view) return;
  for (const element of root.querySelectorAll<HTMLElement>("*")) {
    const style = element.style;
    if (!style) continue;
    const own = (name: string, attribute: string) => style.getPropertyValue(name) || element.getAttribute(attribute);
    if (own("color", "color")) set(style, "color", darkened(view.getComputedStyle(element).color));
    if (own("background-color", "bgcolor")) {
      set(style, "background-color", darkened(view.getComputedStyle(element).backgroundColor));
    }
    for (const side of ["top", "right", "bottom", "left"]) {
      const name = `border-${side}-color`;
      if (style.getPropertyValue(name)) set(style, name, darkened(style.getPropertyValue(name)));
    }
  }
}

function set(style: CSSStyleDeclaration, name: string, value: string | null): void {
  if (value) style.setProperty(name, value, "important");
}

/** The colour with the opposite lightness; `null` for what is see-through or no colour. */
export function darkened(colour: string): string | null {
  const rgba = parse(colour);
  if (!rgba || rgba[3] === 0) return null;
  const [lightness, a, b] = toLab([rgba[0], rgba[1], rgba[2]]);
  const turned = (100 - lightness) * ((100 - BASE) / 100) + BASE;
  const [red, green, blue] = toRgb([turned, a, b]);
  return `rgba(${red},${green},${blue},${rgba[3]})`;
}

function parse(colour: string): [number, number, number, number] | null {
  const numbers = /^rgba?\(([^)]+)\)$/.exec(colour.trim())?.[1]?.split(/[\s,/]+/).map(Number.parseFloat);
  if (!numbers || numbers.length < 3 || numbers.some(Number.isNaN)) return null;
  return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
}

function toLab(rgb: [number, number, number]): Lab {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92;
  });
  const curve = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = curve((red * 0.4124 + green * 0.3576 + blue * 0.1805) / 0.95047);
  const y = curve(red * 0.2126 + green * 0.7152 + blue * 0.0722);
  const z = curve((red * 0.0193 + green * 0.1192 + blue * 0.9505) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function toRgb([lightness, a, b]: Lab): [number, number, number] {
  const y = (lightness + 16) / 116;
  const curve = (value: number) => (value ** 3 > 0.008856 ? value ** 3 : (value - 16 / 116) / 7.787);
  const [x, yy, z] = [0.95047 * curve(a / 500 + y), curve(y), 1.08883 * curve(y - b / 200)];
  const byte = (linear: number) => {
    const part = linear > 0.0031308 ? 1.055 * linear ** (1 / 2.4) - 0.055 : 12.92 * linear;
    return Math.round(Math.min(Math.max(part, 0), 1) * 255);
  };
  return [
    byte(x * 3.2406 + yy * -1.5372 + z * -0.4986),
    byte(x * -0.9689 + yy * 1.8758 + z * 0.0415),
    byte(x * 0.0557 + yy * -0.204 + z * 1.057),
  ];
}
