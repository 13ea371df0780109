/** Whether a text names one of the languages that members are written to in. */
export const isLocale = (text: unknown): text is 'zh-CN' | 'en' => text === 'zh-CN' || text === 'en';
