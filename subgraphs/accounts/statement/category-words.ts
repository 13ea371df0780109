/** Things for pets, whatever follows; not petrol, and not what is made of the plastic. */
export const pet =
  /^(pet ?(food|toys?)\b|pets?(?![\p{L}\p{N}])(?![ -]?(bottles?|plastics?|foil|film|free)\b)|宠物)/iu;
const petToy = /^(pet[ -]?toys?|宠物玩具)$/i;
const petFood = /^(pet[ -]?food|宠物(食品|粮))$/i;
const childBirthday =
  /^((child(ren)?|kids?)(['’]?s['’]?)?[ -]birthday([ -](gift|present)s?)?|(儿童|孩子|宝宝)(的)?生日(礼物|礼品)?)$/i;
const birthday = /^(birthday([ -](gift|present)s?)?|生日(礼物|礼品)?)$/i;
/** Of a cause for animals; not what does without them or only looks like one. */
export const animals =
  /(?<![\p{L}\p{N}]|\bnon?[ -])animals?(?![\p{L}\p{N}]|[ -](free|print|based|testing)\b)|(?<![非无])动物(?!性|纹|实验)/iu;

/** What a household eats and uses up. */
export const groceries = /^(grocer(y|ies)|食品杂货|生鲜)$/i;

/** What the category of a reward is, for each kind of line that speaks of one; the most specific first. */
export const rewardKinds = {
  'pet-toy': petToy,
  'pet-food': petFood,
  'child-birthday-gift': childBirthday,
  'birthday-gift': birthday,
  pet,
  book: /^(books?|图书|书籍)$/i,
  drink: /^(drinks?|coffee|tea|饮品|咖啡|茶)$/i,
  food: /^(food|cake|美食|食品)$/i,
  household: /^(household|家居|日用)$/i,
} as const;

/** Whether one of the categories is of that sort. */
export const has = (categories: readonly string[], pattern: RegExp): boolean =>
  categories.some((category) => pattern.test(category));

/** The kind of ours that speaks of rewards of a category; none if we have no words for it. */
export const kindOfCategory = (category: string): string | undefined =>
  Object.entries(rewardKinds).find(([, pattern]) => pattern.test(category))?.[0];
