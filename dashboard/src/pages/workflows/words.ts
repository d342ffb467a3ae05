// Words that several editors offer.

export const EFFORTS = ["off", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
