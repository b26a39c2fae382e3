/** Reads Address and Contact: who and where. */
import { attribute } from './element.ts';
import type { Address, Contact, Phone } from './order.ts';
import { readExtrinsic } from './read-extrinsic.ts';
import { below, elementsOf, first, keepElement, keepOtherAttributes, readText, type Spot } from './spot.ts';

/** Reads what holds one Address: `ShipTo`, `BillTo`. */
export function readAddressWithin(at: Spot): Address | undefined {
  let address: Address | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'Address') address = first(address, readAddress, at, each);
    else keepElement(at, each);
  }
  keepOtherAttributes(at);
  return address;
}

function readAddress(at: Spot): Address {
  return readPlace(at, ADDRESS_ATTRIBUTES);
}

export function readContact(at: Spot): Contact {
  return { role: attribute(at.element, 'role'), ...readPlace(at, CONTACT_ATTRIBUTES) };
}

const ADDRESS_ATTRIBUTES = ['addressID', 'addressIDDomain', 'isoCountryCode'];
const CONTACT_ATTRIBUTES = ['addressID', 'addressIDDomain', 'isoCountryCode', 'role'];

/** An Address and a Contact hold the same things. */
function readPlace(at: Spot, attributes: readonly string[]): Address {
  const { element } = at;
  let name: string | undefined;
  let postal: Postal | undefined;
  let email: string | undefined;
  let phone: Phone | undefined;
  let fax: Phone | undefined;
  let url: string | undefined;
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'Name':
        name = first(name, readText, at, each);
        break;
      case 'PostalAddress':
        postal = first(postal, readPostal, at, each);
        break;
      case 'Email':
        email = first(email, readText, at, each);
        break;
      case 'Phone':
        phone = first(phone, readPhone, at, each);
        break;
      case 'Fax':
        fax = first(fax, readPhone, at, each);
        break;
      case 'URL':
        url = first(url, readText, at, each);
        break;
      case 'Extrinsic':
        at.basket.extrinsics.push(readExtrinsic(below(at, each)));
        break;
      default:
        keepElement(at, each);
    }
  }
  // Two elements may name the country, and some senders disagree with themselves: the nearer one counts.
  const code = attribute(element, 'isoCountryCode');
  const country = postal?.country ?? code;
  keepOtherAttributes(
    at,
    country === code ? attributes : attributes.filter((name) => name !== 'isoCountryCode'),
  );
  return {
    addressId: attribute(element, 'addressID'),
    addressIdDomain: attribute(element, 'addressIDDomain'),
    name,
    deliverTo: postal?.deliverTo ?? [],
    street: postal?.street ?? [],
    city: postal?.city,
    municipality: postal?.municipality,
    region: postal?.region,
    postalCode: postal?.postalCode,
    country,
    countryName: postal?.countryName,
    email,
    phone,
    fax,
    url,
  };
}

type Postal = Pick<
  Address,
  'deliverTo' | 'street' | 'city' | 'municipality' | 'region' | 'postalCode' | 'country' | 'countryName'
>;

function readPostal(at: Spot): Postal {
  const deliverTo: string[] = [];
  const street: string[] = [];
  let city: string | undefined;
  let municipality: string | undefined;
  let region: string | undefined;
  let postalCode: string | undefined;
  let country: string | undefined;
  let countryName: string | undefined;
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'DeliverTo':
        deliverTo.push(readText(below(at, each)));
        break;
      case 'Street':
        street.push(readText(below(at, each)));
        break;
      case 'City':
        city = first(city, readText, at, each);
        break;
      case 'Municipality':
        municipality = first(municipality, readText, at, each);
        break;
      case 'State':
        region = first(region, readText, at, each);
        break;
      case 'PostalCode':
        postalCode = first(postalCode, readText, at, each);
        break;
      case 'Country':
        if (countryName === undefined) country = attribute(each, 'isoCountryCode');
        countryName = first(countryName, readCountryName, at, each);
        break;
      case 'Extrinsic':
        at.basket.extrinsics.push(readExtrinsic(below(at, each)));
        break;
      default:
        keepElement(at, each);
    }
  }
  keepOtherAttributes(at);
  return { deliverTo, street, city, municipality, region, postalCode, country, countryName };
}

const COUNTRY_ATTRIBUTES = ['isoCountryCode', 'xml:lang'];

function readCountryName(at: Spot): string {
  return readText(at, COUNTRY_ATTRIBUTES);
}

const PHONE_ATTRIBUTES = ['name'];

function readPhone(at: Spot): Phone {
  let number: Phone | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'TelephoneNumber') number = first(number, readTelephoneNumber, at, each);
    else keepElement(at, each);
  }
  keepOtherAttributes(at, PHONE_ATTRIBUTES);
  return { name: attribute(at.element, 'name'), ...number };
}

function readTelephoneNumber(at: Spot): Phone {
  let isoCountryCode: string | undefined;
  let countryCode: string | undefined;
  let areaOrCityCode: string | undefined;
  let number: string | undefined;
  let extension: string | undefined;
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'CountryCode':
        if (countryCode === undefined) isoCountryCode = attribute(each, 'isoCountryCode');
        countryCode = first(countryCode, readCountryName, at, each);
        break;
      case 'AreaOrCityCode':
        areaOrCityCode = first(areaOrCityCode, readText, at, each);
        break;
      case 'Number':
        number = first(number, readText, at, each);
        break;
      case 'Extension':
        extension = first(extension, readText, at, each);
        break;
      default:
        keepElement(at, each);
    }
  }
  keepOtherAttributes(at);
  return { isoCountryCode, countryCode, areaOrCityCode, number, extension };
}
