/** Who and where: every part of an address, contacts, partners, terms of delivery. */
import { expect } from 'chai';
import { asJson, order, orderDocument } from './reading.ts';

const header = (xml: string, attributes?: string) => order(orderDocument(xml, '', attributes));
const empty = { deliverTo: [], street: [] };

describe('the parties of an order', () => {
  it('have an address in all its parts, as Coupa sends it', () => {
    const { shipTo, unmapped } = header(
      `<ShipTo><Address isoCountryCode="US" addressID="3119"><Name xml:lang="en">San Leandro</Name>
        <PostalAddress name="default"><DeliverTo>J. Madden</DeliverTo><DeliverTo>Dock 4</DeliverTo>
          <Street>333 East Hill Dr</Street><Street>Suite 2</Street><City>San Leandro</City><State/>
          <PostalCode>22222</PostalCode><Country isoCountryCode="US">United States</Country></PostalAddress>
        <Email name="default">j@buyer.example</Email>
        <Phone name="work"><TelephoneNumber><CountryCode isoCountryCode="US">1</CountryCode>
          <AreaOrCityCode>510</AreaOrCityCode><Number>5550100</Number><Extension>7</Extension></TelephoneNumber></Phone>
      </Address></ShipTo>`,
    );
    expect(asJson(shipTo)).to.deep.equal({
      addressId: '3119',
      name: 'San Leandro',
      deliverTo: ['J. Madden', 'Dock 4'],
      street: ['333 East Hill Dr', 'Suite 2'],
      city: 'San Leandro',
      region: '',
      postalCode: '22222',
      country: 'US',
      countryName: 'United States',
      email: 'j@buyer.example',
      phone: {
        name: 'work',
        isoCountryCode: 'US',
        countryCode: '1',
        areaOrCityCode: '510',
        number: '5550100',
        extension: '7',
      },
    });
    expect(unmapped).to.deep.equal([]);
  });

  it('have codes, carriers, transport and references, as Ariba sends them', () => {
    const { shipTo, unmapped } = header(
      `<ShipTo><Address addressIDDomain="buyerLocationID" addressID="1000"><Name>Werk</Name>
        <PostalAddress name="PA05"><Street>Ring 7</Street><City cityCode="U">Ulm</City>
          <Municipality municipalityCode="08">Alb</Municipality><State isoStateCode="DE-BW">BW</State>
          <Country isoCountryCode="DE">DE</Country></PostalAddress>
        <Email name="work" preferredLang="de">w@werk.example</Email><URL name="map">https://werk.example/</URL></Address>
        <CarrierIdentifier domain="SCAC">UPSN</CarrierIdentifier>
        <TransportInformation><Route method="motor" means="truck 7" startDate="2026-01-01">by Ulm<Contact role="carrier"><Name>C</Name></Contact></Route>
          <ShippingContractNumber>77</ShippingContractNumber><ShippingInstructions><Description>dry</Description></ShippingInstructions></TransportInformation>
        <IdReference domain="storeId" identifier="S1"><Creator xml:lang="en">us</Creator></IdReference></ShipTo>`,
    );
    expect(asJson(shipTo)).to.deep.equal({
      addressId: '1000',
      addressIdDomain: 'buyerLocationID',
      name: 'Werk',
      postalName: 'PA05',
      deliverTo: [],
      street: ['Ring 7'],
      city: 'Ulm',
      cityCode: 'U',
      municipality: 'Alb',
      municipalityCode: '08',
      region: 'BW',
      regionCode: 'DE-BW',
      country: 'DE',
      countryName: 'DE',
      email: 'w@werk.example',
      emailName: 'work',
      emailLang: 'de',
      url: 'https://werk.example/',
      urlName: 'map',
      references: [{ domain: 'storeId', identifier: 'S1', creator: 'us' }],
      carriers: [{ domain: 'SCAC', value: 'UPSN' }],
      transport: [
        {
          method: 'motor',
          means: 'truck 7',
          startDate: '2026-01-01',
          route: 'by Ulm',
          contacts: [{ role: 'carrier', name: 'C', ...empty }],
          contractNumber: '77',
          instructions: 'dry',
        },
      ],
    });
    expect(unmapped).to.deep.equal([]);
  });

  it('keep an Extrinsic of an address with the address', () => {
    const read = header(
      `<ShipTo><Address><PostalAddress><Extrinsic name="dock">7</Extrinsic></PostalAddress></Address></ShipTo>
       <Contact><Name>C</Name><Extrinsic name="badge">8</Extrinsic></Contact><Extrinsic name="own">9</Extrinsic>`,
    );
    expect(read.shipTo?.extrinsics?.map(({ name, value }) => [name, value])).to.deep.equal([['dock', '7']]);
    expect(read.contacts[0]?.extrinsics?.map(({ name }) => name)).to.deep.equal(['badge']);
    expect(read.extrinsics.map(({ name }) => name)).to.deep.equal(['own']);
  });

  it('name two countries where a sender disagrees with itself: the nearer one counts', () => {
    const country = (address: string, own: string) =>
      header(
        `<BillTo><Address isoCountryCode="${address}"><PostalAddress>${own}</PostalAddress></Address></BillTo>`,
      ).billTo;
    const nearer = country('+1', '<Country isoCountryCode="SE">Sverige</Country>');
    expect(nearer).to.include({ country: 'SE', otherCountry: '+1' });
    const one = country('SE', '<Country isoCountryCode="SE"/>');
    expect([one?.country, one?.otherCountry]).to.deep.equal(['SE', undefined]);
    expect(country('SE', '')?.country).to.equal('SE');
  });

  it('have contacts with several addresses and numbers of each kind', () => {
    const { contacts } = header(
      `<Contact role="endUser"><Name xml:lang="en">E</Name><PostalAddress><Street>1</Street></PostalAddress>
        <PostalAddress name="home"><Street>2</Street></PostalAddress><Email>a@x</Email><Email name="home">b@x</Email>
        <Phone><TelephoneNumber><Number>1</Number></TelephoneNumber></Phone>
        <Phone name="cell"><TelephoneNumber><Number>2</Number></TelephoneNumber></Phone>
        <Fax><Email>fax@x</Email></Fax><Fax><URL>fax:2</URL></Fax><URL>u:1</URL><URL name="b">u:2</URL></Contact>
       <Contact role="buyer"><Name>B</Name></Contact>`,
    );
    expect(asJson(contacts)).to.deep.equal([
      {
        role: 'endUser',
        name: 'E',
        deliverTo: [],
        street: ['1'],
        morePostalAddresses: [{ postalName: 'home', deliverTo: [], street: ['2'] }],
        email: 'a@x',
        moreEmails: [{ address: 'b@x', name: 'home' }],
        phone: { number: '1' },
        morePhones: [{ name: 'cell', number: '2' }],
        fax: { email: 'fax@x' },
        moreFaxes: [{ url: 'fax:2' }],
        url: 'u:1',
        moreUrls: [{ url: 'u:2', name: 'b' }],
      },
      { role: 'buyer', name: 'B', ...empty },
    ]);
  });

  it('include partners, the legal entity and units of the buyer', () => {
    const read = header(
      `<BusinessPartner role="soldTo" type="organization"><Address addressID="9"><Name>P</Name></Address>
        <IdReference domain="EANID" identifier="40"/></BusinessPartner>
       <LegalEntity><IdReference identifier="1000" domain="CompanyCode"><Description xml:lang="en">Co</Description></IdReference></LegalEntity>
       <OrganizationalUnit><IdReference identifier="A" domain="PurchasingOrganization"/></OrganizationalUnit>
       <OrganizationalUnit><IdReference identifier="B" domain="PurchasingGroup"/></OrganizationalUnit>`,
    );
    expect(asJson(read.businessPartners)).to.deep.equal([
      {
        role: 'soldTo',
        type: 'organization',
        addressId: '9',
        name: 'P',
        ...empty,
        references: [{ domain: 'EANID', identifier: '40' }],
      },
    ]);
    expect(read.legalEntity).to.deep.equal({ domain: 'CompanyCode', identifier: '1000', description: 'Co' });
    expect(read.organizationalUnits?.map(({ identifier }) => identifier)).to.deep.equal(['A', 'B']);
    expect(read.unmapped).to.deep.equal([]);
  });

  it('have terms of delivery with a place and comments', () => {
    const { termsOfDelivery } = header(
      `<TermsOfDelivery><TermsOfDeliveryCode value="PriceCondition"/><ShippingPaymentMethod value="Collect">by us</ShippingPaymentMethod>
        <TransportTerms value="FCA">free</TransportTerms><Address><Name>Port</Name></Address>
        <Comments type="Transport" xml:lang="en">mind the gap</Comments></TermsOfDelivery>`,
    );
    expect(asJson(termsOfDelivery)).to.deep.equal({
      code: 'PriceCondition',
      codeText: '',
      shippingPaymentMethod: 'Collect',
      shippingPaymentText: 'by us',
      transportTerms: 'FCA',
      transportTermsText: 'free',
      address: { name: 'Port', ...empty },
      comments: [{ text: 'mind the gap', lang: 'en', type: 'Transport' }],
    });
  });

  it('are not there when nothing but a blank stands in them', () => {
    for (const blank of ['', ' ', '&#9;', '<!-- none --> ']) {
      const read = header(`<ShipTo>${blank}</ShipTo><BusinessPartner>${blank}</BusinessPartner>`);
      expect([read.shipTo, read.businessPartners], blank).to.deep.equal([undefined, undefined]);
    }
    const { businessPartners } = header('<BusinessPartner role="soldTo"/>');
    expect(asJson(businessPartners), 'its role is kept').to.deep.equal([{ role: 'soldTo', ...empty }]);
  });

  it('are none in an element that holds nothing', () => {
    const read = header('<ShipTo/><BillTo><Address/></BillTo>');
    expect(read.shipTo).to.equal(undefined);
    expect(asJson(read.billTo)).to.deep.equal(empty);
  });
});
