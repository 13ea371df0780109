/** Gives random bytes. A port, so that tests can give their own. */
export type RandomBytes = (size: number) => Uint8Array;

/** The Luhn check digit (ISO/IEC 7812-1, annex B) of a string of digits. */
export function luhnDigit(digits: string): number {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighed = place % 2 === 0 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return (10 - (sum % 10)) % 10;
}

/** True for 16 digits of which the last is the Luhn digit of the others. */
export const isCardNumber = (text: string): boolean =>
  /^[0-9]{16}$/.test(text) && luhnDigit(text.slice(0, 15)) === Number(text[15]);

/**
 * A random card number. Bytes of 250 and more are thrown away so that every digit is equally likely: numbers
 * must not be guessable, for a merchant joins whoever shows one.
 */
export function newCardNumber(random: RandomBytes): string {
  let digits = '';
  while (digits.length < 15) {
    for (const byte of random(16)) if (byte < 250 && digits.length < 15) digits += byte % 10;
  }
  return digits + luhnDigit(digits);
}

/** A card number as somebody else is shown it: enough to tell the cards of a family apart, too little to use one. */
export const maskedCard = (cardNumber: string): string => `**** **** **** ${cardNumber.slice(-4)}`;
