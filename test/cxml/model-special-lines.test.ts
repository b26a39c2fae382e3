/** Lines for what is no ware, from several suppliers, of single industries. */
import { expect } from 'chai';
import { eur, line, money } from './one-line.ts';
import { asJson } from './reading.ts';

describe('a line of its own kind', () => {
  it('is a fee, work or a journey', () => {
    const rate = `<UnitRate>${money('80')}<UnitOfMeasure>HUR</UnitOfMeasure><TermReference termName="payCode" term="regular"/></UnitRate>`;
    const fee = line(`<SpendDetail><FeeDetail isRecurring="yes">${rate}</FeeDetail></SpendDetail>`).spend;
    expect(asJson(fee)).to.deep.equal({
      fee: {
        isRecurring: true,
        rates: [{ amount: eur('80'), unitOfMeasure: 'HUR', term: 'regular', termName: 'payCode' }],
      },
    });
    const labor = line(
      `<SpendDetail><LaborDetail supplierReferenceCode="r">${rate}<Period startDate="a" endDate="b"/><Contractor><ContractorIdentifier domain="supplierReferenceID">7</ContractorIdentifier><Contact><Name>W</Name></Contact></Contractor>
        <JobDescription><Description>weld</Description></JobDescription><WorkLocation><Address><Name>Yard</Name></Address></WorkLocation></LaborDetail></SpendDetail>`,
    ).spend?.labor;
    expect(labor).to.include({ supplierReferenceCode: 'r', contractorId: '7', jobDescription: 'weld' });
    expect([labor?.contractor?.name, labor?.workLocation?.name]).to.deep.equal(['W', 'Yard']);
    const travel = line(
      `<SpendDetail><TravelDetail confirmationNumber="C"><AirDetail><TripType type="round"/><AirLeg travelSegment="1" departureTime="d" arrivalTime="a" flightNumber="LH 1"><Vendor preferred="yes"><Address><Name>LH</Name></Address></Vendor><AirLegOrigin><Airport airportCode="FRA"/></AirLegOrigin><AirLegDestination><Airport airportCode="SFO"/></AirLegDestination></AirLeg></AirDetail></TravelDetail></SpendDetail>`,
    );
    const [leg] = travel.spend?.travel?.air?.legs ?? [];
    expect(leg).to.include({ flightNumber: 'LH 1', departureTime: 'd' });
    expect([leg?.origin?.airportCode, leg?.destination?.airportCode]).to.deep.equal(['FRA', 'SFO']);
    expect([leg?.vendor?.preferred, leg?.vendor?.address?.name]).to.deep.equal([true, 'LH']);
    expect(travel.unmapped).to.deep.equal([]);
  });

  it('may come from several suppliers, through networks', () => {
    const read = line(
      `<Path><Node type="route" itemDetailsRequired="yes"><Credential domain="NetworkID"><Identity>AN1</Identity></Credential></Node></Path>
       <SupplierList><Supplier corporateURL="u"><Name xml:lang="en">S</Name><SupplierID domain="DUNS">1</SupplierID><SupplierLocation><Address><Name>L</Name></Address><OrderMethods><OrderMethod><OrderTarget><Email>o@s</Email></OrderTarget><OrderProtocol>cXML</OrderProtocol></OrderMethod></OrderMethods></SupplierLocation></Supplier></SupplierList>`,
    );
    expect(asJson(read.route)).to.deep.equal([
      { type: 'route', itemDetailsRequired: true, identifiers: [{ domain: 'NetworkID', value: 'AN1' }] },
    ]);
    expect(read.suppliers?.[0]).to.include({ name: 'S', corporateUrl: 'u' });
    expect(read.suppliers?.[0]?.locations?.[0]?.orderMethods).to.deep.equal([
      { email: 'o@s', protocol: 'cXML' },
    ]);
    expect(line('<SupplierID domain="DUNS">9</SupplierID>').supplier).to.deep.equal({
      domain: 'DUNS',
      value: '9',
    });
  });

  it('has what single industries add', () => {
    const { industry } = line(
      `<ItemOutIndustry planningType="MTO" isHUMandatory="yes"><ItemOutRetail><PromotionDealID>P</PromotionDealID></ItemOutRetail>
        <SerialNumberInfo requiresSerialNumber="yes" type="list"><SerialNumber>1</SerialNumber><SerialNumber>2</SerialNumber></SerialNumberInfo><BatchInfo requiresBatch="yes"/>
        <PackagingDistribution quantity="3"><StoreCode>S</StoreCode><UnitOfMeasure>EA</UnitOfMeasure></PackagingDistribution>
        <ItemOutLifeSciences><Study><StudyID>ST</StudyID></Study><PackageControlNumber packageControlNumberExpiryDate="2027-01-01">N</PackageControlNumber></ItemOutLifeSciences>
        <ItemOutAerospaceAndDefense dpasRating="DO"><DPAS rating="A1"/></ItemOutAerospaceAndDefense><IUIDInfo requiresIUID="yes"><IUIDNumber>I</IUIDNumber></IUIDInfo></ItemOutIndustry>`,
    );
    expect(asJson(industry)).to.deep.equal({
      planningType: 'MTO',
      isHandlingUnitMandatory: true,
      promotionDealId: 'P',
      requiresSerialNumber: true,
      serialNumberType: 'list',
      serialNumbers: ['1', '2'],
      requiresBatch: true,
      stores: [{ storeCode: 'S', quantity: '3', unitOfMeasure: 'EA' }],
      studyId: 'ST',
      packageControlNumber: 'N',
      packageControlNumberExpiryDate: '2027-01-01',
      dpasRating: 'DO',
      dpas: [{ rating: 'A1' }],
      requiresUniqueId: true,
      uniqueIds: ['I'],
    });
  });
});
