// The texts that the reports read; they lie in texts/.

export const TEXTS = ['kitchen-garden.txt'] as const;
