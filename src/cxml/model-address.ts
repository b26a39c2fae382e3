/** Who and where: Address, Contact, and what holds an Address. */
import { maskCardNumbers } from './fragment.ts';
import { comments, extrinsics, ID_REFERENCE } from './model-basics.ts';
import { table } from './read-table.ts';
import type { Spot } from './spot.ts';
import { always, date, label, part, parts, rest, text, texts, within } from './table.ts';

const none = (): readonly never[] => [];

export const PHONE = table('Phone', 'A telephone or fax number in its parts.', {
  name: text('@name', 'What kind of number it is.'),
  ...within('TelephoneNumber', {
    isoCountryCode: text('CountryCode/@isoCountryCode', 'Country of the country code.'),
    countryCode: text('CountryCode', 'Country calling code.'),
    areaOrCityCode: text('AreaOrCityCode', 'Area or city code.'),
    number: text('Number', 'The number itself.'),
    extension: text('Extension', 'Extension.'),
  }),
  email: text('Email', 'E-mail address that stands in for a fax number.'),
  url: text('URL', 'URL that stands in for a fax number.'),
});

const EMAIL = table('Email', 'One more e-mail address.', {
  address: always(text('text()', 'The address.'), String),
  name: label('@name', 'What kind of address it is.'),
  lang: text('@preferredLang', 'Language to write in.'),
});

const LINK = table('Link', 'One more URL.', {
  url: always(text('text()', 'The URL.'), String),
  name: label('@name', 'What kind of URL it is.'),
});

const POSTAL = {
  deliverTo: always(texts('DeliverTo', 'Persons and rooms to deliver to, in order.'), none),
  street: always(texts('Street', 'Lines of the street address, in order.'), none),
  city: text('City', 'Town.'),
  cityCode: text('City/@cityCode', 'Code of the town.'),
  municipality: text('Municipality', 'Part of a town, or district.'),
  municipalityCode: text('Municipality/@municipalityCode', 'Code of the municipality.'),
  region: text('State', 'State, province or region.'),
  regionCode: text('State/@isoStateCode', 'ISO 3166-2 code of the region.'),
  postalCode: text('PostalCode', 'Postal code.'),
  country: text('Country/@isoCountryCode', 'ISO 3166-1 code of the country, where the document gives one.'),
  countryName: text('Country', 'Name of the country.'),
};

export const POSTAL_ADDRESS = table('PostalAddress', 'A postal address without a party.', {
  postalName: label('@name', 'What the buyer calls the address.'),
  ...POSTAL,
  extrinsics: extrinsics(),
});

/** What an Address and a Contact hold: the same things, in what number each is the sender's choice. */
const PLACE = {
  addressId: text('@addressID', "The buyer's number of the address."),
  addressIdDomain: text('@addressIDDomain', 'Whose number that is.'),
  name: text('Name', 'Company or person.'),
  postalName: label('PostalAddress/@name', 'What the buyer calls the postal address.'),
  ...within('PostalAddress', POSTAL),
  otherCountry: text('@isoCountryCode', 'ISO code at the address as a whole, where its Country has another.'),
  morePostalAddresses: rest(POSTAL_ADDRESS, 'PostalAddress', 'Further postal addresses of a contact.'),
  email: text('Email', 'E-mail address.'),
  emailName: label('Email/@name', 'What kind of e-mail address it is.'),
  emailLang: text('Email/@preferredLang', 'Language to write in.'),
  moreEmails: rest(EMAIL, 'Email', 'Further e-mail addresses.'),
  phone: part(PHONE, 'Phone', 'Telephone number.'),
  morePhones: rest(PHONE, 'Phone', 'Further telephone numbers.'),
  fax: part(PHONE, 'Fax', 'Fax number.'),
  moreFaxes: rest(PHONE, 'Fax', 'Further fax numbers.'),
  url: text('URL', 'Web address.'),
  urlName: label('URL/@name', 'What kind of web address it is.'),
  moreUrls: rest(LINK, 'URL', 'Further web addresses.'),
};

const PLACE_EXTRINSICS = ['Extrinsic', 'PostalAddress/Extrinsic'];
const REFERENCES = "The buyer's other numbers of this party or address.";

/** Two elements may name the country, and some senders disagree with themselves: the nearer one counts. */
function settleCountry(draft: { country?: string; otherCountry?: string }): true {
  draft.country ??= draft.otherCountry;
  if (draft.otherCountry === draft.country) draft.otherCountry = undefined;
  return true;
}

export const ADDRESS = table(
  'PlainAddress',
  'A party and where it is.',
  {
    ...PLACE,
    references: parts(ID_REFERENCE, 'IdReference', REFERENCES),
    extrinsics: extrinsics(PLACE_EXTRINSICS),
  },
  settleCountry,
);

export const CONTACT = table(
  'Contact',
  'A person or office to turn to.',
  {
    role: text('@role', 'What the contact is for: `endUser`, `technicalSupport`, …'),
    ...PLACE,
    references: parts(ID_REFERENCE, 'IdReference', REFERENCES),
    extrinsics: extrinsics(PLACE_EXTRINSICS),
  },
  settleCountry,
);

const CARRIER = table('CarrierIdentifier', 'Who is to carry the goods.', {
  domain: text('@domain', 'What kind of name it is: `companyName`, `SCAC`, …'),
  value: always(text('text()', 'The name.'), String),
});

const TRANSPORT = table('Transport', 'How the goods are to travel.', {
  method: text('Route/@method', 'Means of transport: `air`, `motor`, `ship`, …'),
  means: text('Route/@means', 'The vehicle: number of a flight, a truck, a ship.'),
  startDate: date('Route/@startDate', 'When it starts.'),
  endDate: date('Route/@endDate', 'When it ends.'),
  route: text('Route', 'The route in words.'),
  contacts: parts(CONTACT, 'Route/Contact', 'Whom to ask on the way.'),
  contractNumber: text('ShippingContractNumber', 'Number of the contract with the carrier.'),
  instructions: text('ShippingInstructions/Description', 'What the carrier must heed.'),
});

/** What holds one Address, and what stands beside it. */
const ADDRESSED = {
  ...within('Address', PLACE),
  references: parts(ID_REFERENCE, ['IdReference', 'Address/IdReference'], REFERENCES),
  carriers: parts(CARRIER, 'CarrierIdentifier', 'Carriers the buyer wants.'),
  transport: parts(TRANSPORT, 'TransportInformation', 'Ways of transport the buyer wants.'),
  extrinsics: extrinsics(['Extrinsic', ...PLACE_EXTRINSICS.map((path) => `Address/${path}`)]),
};

/** An element that names nobody and no place is none: `<ShipTo/>`. */
function settleAddressed(draft: Parameters<typeof settleCountry>[0], { element }: Spot): boolean {
  return (
    settleCountry(draft) && element.children.some((each) => typeof each !== 'string' || each.trim() !== '')
  );
}

export const ADDRESSED_PARTY = table(
  'Address',
  'A party, where it is, and how goods get there.',
  ADDRESSED,
  settleAddressed,
);

export const BUSINESS_PARTNER = table(
  'BusinessPartner',
  'One more party that has a part in the order.',
  {
    role: text('@role', 'What part: `soldTo`, `shipFrom`, `orderingAddress`, `logistics`.'),
    type: text('@type', 'What it is: `organization`.'),
    ...ADDRESSED,
  },
  (draft, at) => settleAddressed(draft, at) || draft.role !== undefined,
);

/** The holder of a card: of whatever stands inside a card, no long number is shown. */
export const CARD_ADDRESS = table(
  'CardAddress',
  'Where the holder of a card lives.',
  POSTAL_ADDRESS.fields,
  (draft) => {
    for (const [key, value] of Object.entries(draft)) Object.assign(draft, { [key]: masked(value) });
    return true;
  },
);

function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskCardNumbers(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, masked(each)]));
}

export const TERMS_OF_DELIVERY = table(
  'TermsOfDelivery',
  'Who pays and bears the risk of transport, and from where.',
  {
    code: text('TermsOfDeliveryCode/@value', 'The term: `PriceCondition`, `DespatchCondition`, …'),
    codeText: text('TermsOfDeliveryCode', 'The term in words.'),
    shippingPaymentMethod: text(
      'ShippingPaymentMethod/@value',
      'Who pays the freight: `Collect`, `Prepaid…`, …',
    ),
    shippingPaymentText: text('ShippingPaymentMethod', 'The same in words.'),
    transportTerms: text('TransportTerms/@value', 'Incoterm or the like: `EXW`, `DDP`, …'),
    transportTermsText: text('TransportTerms', 'The same in words.'),
    address: part(ADDRESS, 'Address', 'The place that the term names.'),
    comments: comments(),
  },
);
