/** Whether a text is a month of the years 2000 to 2999 written `YYYY-MM`. */
export const isMonthName = (text: string): boolean => /^2\d{3}-(0[1-9]|1[0-2])$/.test(text);
