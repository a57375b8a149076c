/** Every word that the renderer itself says. */
export const words = {
  expand: (hidden: number, unit: string) => `展开其余 ${hidden} ${unit}`,
  expandText: "展开全文",
  collapse: "收起",
  hidden: "金额已隐藏",
  item: "项",
  row: "行",
  /** Titles of table columns whose signed values are gains or losses. */
  gainColumns: /收益|盈亏|损益|涨跌|回报|赚/,
  product: {
    term: "期限",
    minimum: "起购",
    benchmark: "业绩比较基准",
    basis: "测算依据",
    reasons: "为什么适合您",
    cautions: "也请留意",
    purchase: "去购买页看看",
    purchaseNote: "将打开银行的购买页面，由您自己确认",
    code: "产品代码",
  },
  risk: (level: string) => `${level} 级`,
  form: { progress: (step: number, of: number) => `第 ${step} 题，共 ${of} 题` },
  source: { title: "数据来源", asOf: (time: string) => `截至 ${time}` },
  calendar: {
    previous: "上个月",
    next: "下个月",
    weekdays: ["一", "二", "三", "四", "五", "六", "日"],
    month: (year: number, month: number) => `${year}年${month}月`,
    noValue: "当日没有数据",
    caption: (month: string) => `${month}每日收益`,
  },
  chart: { asWords: "用文字说", loading: "图表加载中", empty: "还没有可以画的数据", legend: "点按查看各部分" },
  qr: {
    code: "二维码",
    left: (seconds: number) =>
      seconds >= 3600 ? "有效期内" : `${Math.floor(seconds / 60)} 分 ${String(seconds % 60).padStart(2, "0")} 秒内有效`,
    expired: "二维码已过期，请重新获取",
  },
  link: { bank: "银行页面", purchase: "购买页面", article: "文章" },
  options: "可以直接点选",
  unknown: "这条消息需要更新应用后查看",
};
