/** The component kit in the colours of the shared message renderer (web/shared/styles/tokens.css). */
import type { ThemeConfig } from "antd";

export const theme: ThemeConfig = {
  token: {
    colorPrimary: "#0b4f55",
    colorInfo: "#0b4f55",
    colorLink: "#0b5d64",
    colorSuccess: "#126b42",
    colorWarning: "#9a5b00",
    colorError: "#bf2a23",
    colorText: "#1c2b2d",
    colorTextSecondary: "#4c5a5c",
    colorTextTertiary: "#5c686a",
    // The kit's own placeholder and disabled greys are too pale to read.
    colorTextPlaceholder: "#667173",
    colorTextDescription: "#5c686a",
    colorTextDisabled: "#70797a",
    colorSuccessBg: "#e3f3ea",
    colorSuccessBorder: "#b7dcc6",
    colorInfoBg: "#e4f0ef",
    colorInfoBorder: "#b9d3d2",
    colorWarningBg: "#faf3e3",
    colorWarningBorder: "#e6d3a8",
    colorErrorBg: "#fbe9e7",
    colorErrorBorder: "#efc1bc",
    colorBorder: "#d9d3c6",
    colorBorderSecondary: "#e9e4da",
    colorBgLayout: "#f6f3ed",
    borderRadius: 10,
    controlHeight: 40,
    controlHeightSM: 32,
    controlHeightLG: 46,
    fontSize: 15,
    fontFamily: "var(--pb-font)",
    wireframe: false,
  },
  components: {
    Segmented: { trackBg: "#ece7dc", itemColor: "#4c5a5c" },
  },
};
