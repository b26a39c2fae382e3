/** On what terms: payment, tax, surcharges, instructions, agreements, blanket orders, what the header refers to. */
import { expect } from 'chai';
import { asJson, order, orderDocument } from './reading.ts';

const header = (xml: string, attributes?: string) => order(orderDocument(xml, '', attributes));
const money = (amount: string) => `<Money currency="EUR">${amount}</Money>`;
const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('the terms of an order', () => {
  it('have a tax with its details, as Ariba sends it', () => {
    const { tax, unmapped } = header(
      `<Tax>${money('48.17')}<TaxAdjustmentAmount>${money('-.01')}</TaxAdjustmentAmount><Description xml:lang="en">VAT</Description>
        <TaxDetail category="vat" purpose="tax" percentageRate="19" isVatRecoverable="yes" taxPointDate="2026-01-02T00:00:00+01:00" exemptDetail="exempt">
          <TaxableAmount>${money('253.50')}</TaxableAmount><TaxAmount>${money('48.17')}</TaxAmount>
          <TaxLocation xml:lang="en">DE</TaxLocation><Description xml:lang="en">full rate</Description>
          <TaxRegime>r</TaxRegime><TaxExemption exemptCode="E1"><ExemptReason xml:lang="en">none</ExemptReason></TaxExemption>
          <Extrinsic name="key">V1</Extrinsic></TaxDetail>
        <Distribution><Accounting name="a"><Segment type="GL" id="1" description="x"/></Accounting><Charge>${money('48.17')}</Charge></Distribution>
        <Extrinsic name="of tax">1</Extrinsic></Tax>`,
    );
    expect(tax?.details?.[0]?.extrinsics?.[0]?.value).to.equal('V1');
    expect(tax?.extrinsics?.[0]?.name).to.equal('of tax');
    expect(asJson({ ...tax, extrinsics: undefined, details: undefined })).to.deep.equal({
      amount: eur('48.17'),
      description: 'VAT',
      adjustment: eur('-.01'),
      accounting: [
        { name: 'a', charge: eur('48.17'), segments: [{ name: 'GL', id: '1', description: 'x' }] },
      ],
    });
    expect(asJson({ ...tax?.details?.[0], extrinsics: undefined })).to.deep.equal({
      category: 'vat',
      purpose: 'tax',
      percentageRate: '19',
      taxPointDate: '2026-01-02T00:00:00+01:00',
      isVatRecoverable: true,
      exemptDetail: 'exempt',
      taxableAmount: eur('253.50'),
      amount: eur('48.17'),
      location: 'DE',
      description: 'full rate',
      regime: 'r',
      exemptCode: 'E1',
      exemptReason: 'none',
    });
    expect(unmapped).to.deep.equal([]);
  });

  it('have shipping as Coupa sends it: zero, with an empty description', () => {
    const { shipping } = header(
      `<Shipping trackingDomain="UPS" trackingId="1Z">${money('0.0')}<Description/></Shipping>`,
    );
    expect(asJson(shipping)).to.deep.equal({
      amount: eur('0.0'),
      description: '',
      trackingDomain: 'UPS',
      trackingId: '1Z',
    });
  });

  it('have surcharges and discounts on the total', () => {
    const { modifications, total } = header(
      `<Total>${money('90')}<Modifications>
        <Modification level="1"><OriginalPrice type="list">${money('100')}</OriginalPrice>
          <AdditionalDeduction type="promo"><DeductionPercent percent="10"/></AdditionalDeduction>
          <ModificationDetail name="Discount" startDate="2026-01-01"><Description xml:lang="en">winter</Description><Extrinsic name="e">1</Extrinsic></ModificationDetail></Modification>
        <Modification><AdditionalCost>${money('5')}</AdditionalCost><Tax>${money('1')}<Description/></Tax></Modification>
       </Modifications></Total>`,
    );
    expect(asJson(total)).to.deep.equal(eur('90'));
    expect(modifications?.[0]).to.deep.include({ level: '1', deductionPercent: '10', name: 'Discount' });
    expect(modifications?.[0]).to.deep.include({ description: 'winter', originalPriceType: 'list' });
    expect(asJson(modifications?.[1])).to.deep.equal({
      costAmount: eur('5'),
      tax: { amount: eur('1'), description: '' },
    });
  });

  it('have payment terms with a discount, a penalty and days that are no number', () => {
    const { paymentTerms } = header(
      `<PaymentTerm payInNumberOfDays="45"/>
       <PaymentTerm payInNumberOfDays="10"><Discount><DiscountPercent percent="2"/></Discount><Extrinsic name="code">Z1</Extrinsic></PaymentTerm>
       <PaymentTerm payInNumberOfDays="net"><Discount><DiscountAmount>${money('3.00')}</DiscountAmount></Discount></PaymentTerm>`,
    );
    expect(paymentTerms.map(({ payInDays }) => payInDays)).to.deep.equal([45, 10, null]);
    expect(paymentTerms[1]).to.include({ discountPercent: '2' });
    expect(paymentTerms[1]?.extrinsics?.[0]?.value).to.equal('Z1');
    expect(asJson(paymentTerms[2])).to.deep.equal({
      payInDays: null,
      payInDaysText: 'net',
      discountAmount: eur('3.00'),
    });
  });

  it("have Coupa's instructions with their tolerances, at the header", () => {
    const read = header(
      `<ControlKeys><OCInstruction value="requiredBeforeASN"><Lower><Tolerances><QuantityTolerance><Percentage percent="5"/></QuantityTolerance>
          <TimeTolerance limit="2" type="days"/></Tolerances></Lower><Upper><Tolerances><QuantityTolerance><Value value="3"/></QuantityTolerance>
          <PriceTolerance>${money('1.00')}</PriceTolerance></Tolerances></Upper></OCInstruction>
        <ASNInstruction value="notAllowed"/><InvoiceInstruction value="isERS" verificationType="goodsReceipt" unitPriceEditable="no"><TemporaryPrice value="yes"/></InvoiceInstruction>
        <SESInstruction value="allowed" unitPriceEditable="yes"/></ControlKeys>`,
    );
    expect(asJson(read.confirmation)).to.deep.equal({
      level: 'header',
      allowed: true,
      value: 'requiredBeforeASN',
      lower: { quantityPercent: '5', time: '2', timeUnit: 'days' },
      upper: { quantity: '3', price: eur('1.00') },
    });
    expect(read.shipNotice).to.deep.equal({ value: 'notAllowed' });
    expect(read.invoicing).to.deep.equal({
      value: 'isERS',
      verificationType: 'goodsReceipt',
      unitPriceEditable: false,
      temporaryPrice: true,
    });
    expect(read.serviceEntry).to.deep.equal({ value: 'allowed', unitPriceEditable: true });
  });

  it('tell that a blanket order is one, and how long it is in force', () => {
    const read = header(
      '',
      'orderID="B1" orderType="blanket" effectiveDate="2026-01-01T00:00:00+01:00" expirationDate="2026-12-31" releaseRequired="yes" agreementID="A" parentAgreementID="P" parentAgreementPayloadID="p@x"',
    );
    expect(read).to.include({
      orderType: 'blanket',
      effectiveDate: '2026-01-01T00:00:00+01:00',
      expirationDate: '2026-12-31',
      releaseRequired: true,
      agreementId: 'A',
      parentAgreementId: 'P',
      parentAgreementPayloadId: 'p@x',
    });
  });

  it('tell that a release is one, and of what', () => {
    expect(
      header('', 'orderID="1" orderType="release" agreementID="B1" agreementPayloadID="b@x"'),
    ).to.include({
      orderType: 'release',
      agreementId: 'B1',
      agreementPayloadId: 'b@x',
    });
  });

  it('refer to other documents and say where to send what follows', () => {
    const read = header(
      `<Followup><URL>https://buyer.example/f</URL></Followup><DocumentReference payloadID="0@x"/>
       <SupplierOrderInfo orderID="SO-1" orderDate="2026-01-01"/><DeliveryPeriod><Period startDate="2026-01-01" endDate="2026-02-01"/></DeliveryPeriod>
       <IdReference domain="project" identifier="P-1"/><Payment><PaymentReference/></Payment>`,
      'orderID="1" type="update" shipComplete="yes" pickUpDate="2026-01-03" isInternalVersion="yes"',
    );
    expect(read).to.include({
      followUpUrl: 'https://buyer.example/f',
      documentReference: '0@x',
      supplierOrderId: 'SO-1',
      supplierOrderDate: '2026-01-01',
      shipComplete: true,
      isInternalVersion: true,
      pickUpDate: '2026-01-03',
    });
    expect(read.deliveryPeriod).to.deep.equal({ startDate: '2026-01-01', endDate: '2026-02-01' });
    expect(read.references).to.deep.equal([{ domain: 'project', identifier: 'P-1' }]);
    expect(read.payment).to.deep.equal({ method: 'other' });
  });

  it('keep what kind of comment a file belongs to, where nothing is said beside it', () => {
    const { comments, attachmentReferences, unmapped } = header(
      '<Comments type="Drawing" xml:lang="en"><Attachment><URL>cid:1@x</URL></Attachment></Comments>',
    );
    expect(asJson(comments)).to.deep.equal([{ text: '', lang: 'en', type: 'Drawing' }]);
    expect([attachmentReferences.length, unmapped]).to.deep.equal([1, []]);
  });

  it('have comments, and the files they point to beside them', () => {
    const read = header(
      `<Comments xml:lang="en" type="note">see <Attachment visibility="internal"><URL>cid:1@x</URL></Attachment>below</Comments>
       <Comments><Attachment><URL name="drawing">cid:2@x</URL></Attachment></Comments><Comments/>`,
    );
    expect(asJson(read.comments)).to.deep.equal([
      { text: 'see below', lang: 'en', type: 'note' },
      { text: '' },
    ]);
    const at = 'cXML/Request/OrderRequest/OrderRequestHeader';
    expect(asJson(read.attachmentReferences)).to.deep.equal([
      { url: 'cid:1@x', visibility: 'internal', path: `${at}/Comments[1]/Attachment` },
      { url: 'cid:2@x', path: `${at}/Comments[2]/Attachment` },
    ]);
    expect(read.unmapped.map(({ xml }) => xml)).to.deep.equal(['name="drawing"']);
  });

  it('have what life sciences, aerospace and defense add', () => {
    const { industry } = header(
      `<OrderRequestHeaderIndustry industryType="aerospaceAndDefense"><ReferenceDocumentInfo lineNumber="1" status="open"><DocumentInfo documentID="D1" documentType="contract" documentDate="2026-01-01"/><DateInfo type="expectedShipmentDate" date="2026-02-01"/></ReferenceDocumentInfo>
        <Priority level="1" sequence="2"><Description xml:lang="en">urgent</Description></Priority><QualityInfo requiresQualityProcess="yes"><IdReference domain="q" identifier="1"/></QualityInfo>
        <AssetInfo serialNumber="S" tagNumber="T"/><LifeSciences orderCategory="reworkOrder"/>
        <AerospaceAndDefense acknowledgementRequired="yes"><DPAS rating="DO-A1" contract="c"/></AerospaceAndDefense></OrderRequestHeaderIndustry>`,
    );
    expect(asJson(industry)).to.deep.equal({
      industryType: 'aerospaceAndDefense',
      documents: [
        {
          documentId: 'D1',
          documentType: 'contract',
          documentDate: '2026-01-01',
          lineNumber: '1',
          status: 'open',
          dates: [{ type: 'expectedShipmentDate', date: '2026-02-01' }],
        },
      ],
      priority: { level: '1', sequence: '2', description: 'urgent' },
      quality: { requiresQualityProcess: true, references: [{ domain: 'q', identifier: '1' }] },
      assets: [{ tagNumber: 'T', serialNumber: 'S' }],
      orderCategory: 'reworkOrder',
      acknowledgementRequired: true,
      defenseDpas: { rating: 'DO-A1', contract: 'c' },
    });
  });
});
