/** What a line may hold beside the plain case. */
import { expect } from 'chai';
import { eur, line, money } from './one-line.ts';
import { asJson, order, orderDocument } from './reading.ts';

describe('a line', () => {
  it('is a part of a composite one', () => {
    const { lines } = order(
      orderDocument(
        '',
        `<ItemOut quantity="1" lineNumber="1" itemType="composite" compositeItemType="groupLevel"/>
         <ItemOut quantity="2" lineNumber="2" parentLineNumber="1" itemType="item" itemCategory="subcontract" itemClassification="material" subcontractingType="regular"/>`,
      ),
    );
    expect(lines[0]).to.include({ itemType: 'composite', compositeItemType: 'groupLevel' });
    expect(lines[1]).to.include({ itemType: 'item', parentLineNumber: '1', itemCategory: 'subcontract' });
    expect(lines[1]).to.include({ itemClassification: 'material', subcontractingType: 'regular' });
  });

  it('of a blanket order has limits and no quantity', () => {
    const read = line(
      `<BlanketItemDetail><Description xml:lang="en">cleaning</Description><OverallLimit>${money('900')}</OverallLimit><ExpectedLimit>${money('800')}</ExpectedLimit>
        <MaxAmount>${money('500')}</MaxAmount><MinAmount>${money('5')}</MinAmount><MaxContractAmount>${money('6')}</MaxContractAmount><MaxAdhocAmount>${money('7')}</MaxAdhocAmount>
        <MaxQuantity>50</MaxQuantity><MinQuantity>.5</MinQuantity><UnitPrice>${money('9.90')}</UnitPrice><UnitOfMeasure>HUR</UnitOfMeasure>
        <Classification domain="UNSPSC">76111501</Classification><Extrinsic name="x">1</Extrinsic></BlanketItemDetail>`,
      'lineNumber="1"',
    );
    expect(asJson(read)).to.deep.include({
      quantity: null,
      description: 'cleaning',
      overallLimit: eur('900'),
      expectedLimit: eur('800'),
      maxAmount: eur('500'),
      minAmount: eur('5'),
      maxContractAmount: eur('6'),
      maxAdhocAmount: eur('7'),
      maxQuantity: '50',
      minQuantity: '.5',
      unitPrice: eur('9.90'),
      unitOfMeasure: 'HUR',
      unmapped: [],
    });
    expect(read.lineTotal).to.equal(undefined);
    expect(read.extrinsics).to.have.length(1);
  });

  it('names its thing by many numbers, in many languages', () => {
    const read = line(
      `<ItemID><SupplierPartID revisionID="B">P</SupplierPartID><SupplierPartAuxiliaryID>aux</SupplierPartAuxiliaryID><BuyerPartID>4711</BuyerPartID><IdReference domain="EAN-13" identifier="40"/></ItemID>
       <ItemDetail><UnitPrice>${money('1')}</UnitPrice><Description xml:lang="en" type="short">bolt<ShortName>b</ShortName></Description><Description xml:lang="de">Schraube</Description>
        <LeadTime>3</LeadTime><Dimension quantity="4.5" type="length"><UnitOfMeasure>MTR</UnitOfMeasure></Dimension>
        <ItemDetailIndustry isConfigurableMaterial="yes"><ItemDetailRetail><EANID>40</EANID><EuropeanWasteCatalogID>17</EuropeanWasteCatalogID><Characteristic domain="color" value="red"/></ItemDetailRetail></ItemDetailIndustry>
        <AttachmentReference length="10" version="2"><Name>drawing</Name><Description>d</Description><InternalID domain="net">77</InternalID></AttachmentReference>
        <PlannedAcceptanceDays>5</PlannedAcceptanceDays></ItemDetail>`,
    );
    expect(asJson(read)).to.deep.include({
      supplierPartId: 'P',
      supplierPartRevision: 'B',
      supplierPartAuxiliaryId: 'aux',
      buyerPartId: '4711',
      itemReferences: [{ domain: 'EAN-13', identifier: '40' }],
      description: 'bolt',
      descriptionLang: 'en',
      descriptionType: 'short',
      shortName: 'b',
      moreDescriptions: [{ text: 'Schraube', lang: 'de' }],
      leadTime: '3',
      dimensions: [{ type: 'length', quantity: '4.5', unitOfMeasure: 'MTR' }],
      isConfigurableMaterial: true,
      eanId: '40',
      europeanWasteCatalogId: '17',
      characteristics: [{ domain: 'color', value: 'red' }],
      storedAttachments: [
        {
          name: 'drawing',
          description: 'd',
          internalId: '77',
          internalIdDomain: 'net',
          length: '10',
          version: '2',
        },
      ],
      plannedAcceptanceDays: '5',
      unmapped: [],
    });
  });

  it('has a price with conditions and scales', () => {
    const { priceConditions } = line(
      `<ItemDetail><UnitPrice>${money('1')}<PricingConditions><ValidityPeriods><ValidityPeriod from="2026-01-01" to="2026-12-31"><ConditionTypes>
        <ConditionType name="price"><CostTermValue>${money('1')}</CostTermValue><Scales scaleType="From" scaleBasis="quantity"><Scale from="100"><CostTermValue><Percentage percent="90"/></CostTermValue></Scale></Scales></ConditionType>
       </ConditionTypes></ValidityPeriod></ValidityPeriods></PricingConditions></UnitPrice></ItemDetail>`,
    );
    expect(asJson(priceConditions)).to.deep.equal([
      {
        from: '2026-01-01',
        to: '2026-12-31',
        conditions: [
          {
            name: 'price',
            amount: eur('1'),
            scaleType: 'From',
            scaleBasis: 'quantity',
            scales: [{ from: '100', values: [{ percent: '90' }] }],
          },
        ],
      },
    ]);
  });

  it('is charged to accounts in either form, with shares', () => {
    const { accounting } = line(
      `<Distribution><Accounting name="COA"><Segment type="Cost center" id="610" description="IT"/><Segment type="Percentage" id="40" description=""/></Accounting><Charge>${money('4')}</Charge></Distribution>
       <Distribution><Accounting name="D"><AccountingSegment id="7"><Name xml:lang="en">Project</Name><Description xml:lang="en">Bridge</Description></AccountingSegment></Accounting><Charge>${money('6')}</Charge></Distribution>`,
    );
    expect(asJson(accounting)).to.deep.equal([
      {
        name: 'COA',
        percentage: '40',
        charge: eur('4'),
        segments: [
          { name: 'Cost center', id: '610', description: 'IT' },
          { name: 'Percentage', id: '40', description: '' },
        ],
      },
      { name: 'D', charge: eur('6'), segments: [{ name: 'Project', id: '7', description: 'Bridge' }] },
    ]);
  });

  it('is wanted in parts, under a scheduling agreement', () => {
    const read = line(
      `<Tolerances><QuantityTolerance><Percentage percent="10"/></QuantityTolerance></Tolerances>
       <ScheduleLine quantity="5" requestedDeliveryDate="2026-03-01T08:00:00+01:00" lineNumber="1" type="forecast"><UnitOfMeasure>EA</UnitOfMeasure>
        <ScheduleLineReleaseInfo commitmentCode="firm" cumulativeScheduledQuantity="50" receivedQuantity="45"><UnitOfMeasure>EA</UnitOfMeasure></ScheduleLineReleaseInfo>
        <SubcontractingComponent quantity="2" requirementDate="2026-02-01"><ComponentID>C1</ComponentID><UnitOfMeasure>KG</UnitOfMeasure><Product><SupplierPartID>S</SupplierPartID><BuyerPartID>B</BuyerPartID></Product><Batch><SupplierBatchID>b</SupplierBatchID></Batch></SubcontractingComponent>
        <ShipTo><Address><Name>Dock</Name></Address></ShipTo><Extrinsic name="x">1</Extrinsic></ScheduleLine>
       <MasterAgreementIDInfo agreementID="SA1" agreementDate="2026-01-01" agreementType="scheduling_agreement"><IdReference domain="d" identifier="1"/></MasterAgreementIDInfo>
       <ReleaseInfo releaseType="jit" cumulativeReceivedQuantity="45" releaseNumber="3"><UnitOfMeasure>EA</UnitOfMeasure><ShipNoticeReleaseInfo receivedQuantity="5"><ShipNoticeIDInfo shipNoticeID="N1" shipNoticeDate="2026-01-05"/><UnitOfMeasure>EA</UnitOfMeasure></ShipNoticeReleaseInfo></ReleaseInfo>`,
      'quantity="5" lineNumber="1" agreementItemNumber="10"',
    );
    expect(read.tolerances).to.deep.equal({ quantityPercent: '10' });
    const [schedule] = read.scheduleLines ?? [];
    expect(schedule?.shipTo?.name).to.equal('Dock');
    expect(schedule?.extrinsics?.map(({ name }) => name)).to.deep.equal(['x']);
    expect(schedule).to.include({
      quantity: '5',
      requestedDeliveryDate: '2026-03-01T08:00:00+01:00',
      type: 'forecast',
      commitmentCode: 'firm',
      cumulativeScheduledQuantity: '50',
    });
    expect(asJson(schedule?.components)).to.deep.equal([
      {
        componentId: 'C1',
        quantity: '2',
        unitOfMeasure: 'KG',
        requirementDate: '2026-02-01',
        supplierPartId: 'S',
        buyerPartId: 'B',
        batch: { supplierBatchId: 'b' },
      },
    ]);
    expect(asJson(read.masterAgreement)).to.deep.equal({
      agreementId: 'SA1',
      agreementDate: '2026-01-01',
      agreementType: 'scheduling_agreement',
      references: [{ domain: 'd', identifier: '1' }],
    });
    expect(asJson(read.release)).to.deep.equal({
      type: 'jit',
      number: '3',
      cumulativeReceivedQuantity: '45',
      unitOfMeasure: 'EA',
      lastShipNoticeId: 'N1',
      lastShipNoticeDate: '2026-01-05',
      lastReceivedQuantity: '5',
      lastReceivedUnitOfMeasure: 'EA',
    });
    expect(read.agreementItemNumber).to.equal('10');
    expect(read.unmapped).to.deep.equal([]);
  });

  it('is packed, and from a batch', () => {
    const { packaging, batch, unmapped } = line(
      `<Packaging><PackagingCode xml:lang="en">pallet</PackagingCode><Dimension quantity="1" type="height"><UnitOfMeasure>MTR</UnitOfMeasure></Dimension>
        <ShippingContainerSerialCode>0034</ShippingContainerSerialCode><PackageID><PackageTrackingID>T</PackageTrackingID></PackageID>
        <ShippingMark>a</ShippingMark><ShippingMark>b</ShippingMark><OrderedQuantity quantity="5"><UnitOfMeasure>EA</UnitOfMeasure></OrderedQuantity><BestBeforeDate date="2027-01-01"/></Packaging>
       <Batch productionDate="2026-01-01" shelfLife="P1Y"><BuyerBatchID>B</BuyerBatchID><PropertyValuation><PropertyReference><IdReference domain="p" identifier="1"/></PropertyReference><ValueGroup><PropertyValue name="n"><Characteristic domain="d" value="v"/></PropertyValue></ValueGroup></PropertyValuation></Batch>`,
    );
    expect(asJson(packaging)).to.deep.equal([
      {
        codes: ['pallet'],
        dimensions: [{ type: 'height', quantity: '1', unitOfMeasure: 'MTR' }],
        serialCode: '0034',
        packageTrackingId: 'T',
        shippingMarks: ['a', 'b'],
        orderedQuantity: '5',
        orderedUnitOfMeasure: 'EA',
        bestBeforeDate: '2027-01-01',
      },
    ]);
    expect(asJson(batch)).to.deep.equal({
      buyerBatchId: 'B',
      productionDate: '2026-01-01',
      shelfLife: 'P1Y',
      properties: [
        {
          references: [{ domain: 'p', identifier: '1' }],
          groups: [{ properties: [{ name: 'n', characteristics: [{ domain: 'd', value: 'v' }] }] }],
        },
      ],
    });
    expect(unmapped).to.deep.equal([]);
  });

  it('may be withdrawn, returned, warned about', () => {
    const read = line(
      '<Indicator type="t" level="warning">mind</Indicator>',
      'quantity="1" operation="delete" isReturn="yes" returnAuthorizationNumber="R" isAdHoc="yes" isDeliveryCompleted="yes" requestedShipmentDate="2026-01-01"',
    );
    expect(read).to.include({ operation: 'delete', isReturn: true, returnAuthorizationNumber: 'R' });
    expect(read).to.include({
      isAdHoc: true,
      isDeliveryCompleted: true,
      requestedShipmentDate: '2026-01-01',
    });
    expect(read.indicators).to.deep.equal([{ text: 'mind', type: 't', level: 'warning' }]);
  });
});
