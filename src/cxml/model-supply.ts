/** How a line is delivered: schedule lines, releases, batches, components, packaging. */
import { ADDRESSED_PARTY } from './model-address.ts';
import { extrinsics, ID_REFERENCE } from './model-basics.ts';
import { ASSET, DPAS, MEDICATION, PROPERTY } from './model-industry.ts';
import { DIMENSION } from './model-item.ts';
import { table } from './read-table.ts';
import { date, decimal, flag, part, parts, text, texts, within } from './table.ts';

const VALUATION_GROUP = table('PropertyGroup', 'Properties that belong together.', {
  reference: part(ID_REFERENCE, 'IdReference', 'Number of the group.'),
  parentId: text('ParentID', 'The group it belongs to.'),
  properties: parts(PROPERTY, 'PropertyValue', 'The properties.'),
});

const VALUATION = table('PropertyValuation', 'What is known of the properties of a batch.', {
  references: parts(ID_REFERENCE, 'PropertyReference/IdReference', 'Numbers of the property.'),
  groups: parts(VALUATION_GROUP, 'ValueGroup', 'Its values.'),
});

export const BATCH = table('Batch', 'A batch of the thing.', {
  buyerBatchId: text('BuyerBatchID', "The buyer's number of it."),
  supplierBatchId: text('SupplierBatchID', "The supplier's number of it."),
  productionDate: date('@productionDate', 'When it was made.'),
  expirationDate: date('@expirationDate', 'When it expires.'),
  inspectionDate: date('@inspectionDate', 'When it is inspected.'),
  shelfLife: text('@shelfLife', 'How long it keeps.'),
  originCountryCode: text('@originCountryCode', 'Where it is from.'),
  batchQuantity: decimal('@batchQuantity', 'How much of it there is.'),
  properties: parts(VALUATION, 'PropertyValuation', 'What is known of it.'),
});

const COMPONENT = table('Component', 'What the buyer provides for the making of the thing.', {
  componentId: text('ComponentID', 'Number of the component.'),
  quantity: decimal('@quantity', 'How many.'),
  unitOfMeasure: text('UnitOfMeasure', 'Of what.'),
  requirementDate: date('@requirementDate', 'When it is needed.'),
  provision: text('@materialProvisionIndicator', 'How it is provided: `regular`, `reworkTo`, `reworkFrom`.'),
  description: text('Description', 'What it is.'),
  ...within('Product', {
    supplierPartId: text('SupplierPartID', "The supplier's number of it."),
    supplierPartAuxiliaryId: text('SupplierPartAuxiliaryID', "More of the supplier's number."),
    buyerPartId: text('BuyerPartID', "The buyer's number of it."),
    references: parts(ID_REFERENCE, 'IdReference', 'Other numbers of it.'),
  }),
  revision: text('ProductRevisionID', 'Revision of the component.'),
  batch: part(BATCH, 'Batch', 'The batch it is from.'),
  requiresBatch: flag(
    'SubcontractingComponentIndustry/BatchInfo/@requiresBatch',
    'A batch number is wanted.',
  ),
  labelId: text(
    'SubcontractingComponentIndustry/SubcontractingComponentLifeSciences/LabelID',
    'Label of a medication.',
  ),
  extrinsics: extrinsics('SubcontractingComponentIndustry/SubcontractingComponentLifeSciences/Extrinsic'),
});

const SCHEDULE = 'ScheduleLineIndustry/ScheduleLineAerospaceAndDefense';

export const SCHEDULE_LINE = table(
  'ScheduleLine',
  'A part of a line, to be delivered at a time of its own.',
  {
    lineNumber: text('@lineNumber', 'Its number.'),
    type: text('@type', '`backlog`, `immediate` or `forecast`.'),
    quantity: decimal('@quantity', 'How much.'),
    unitOfMeasure: text('UnitOfMeasure', 'Of what.'),
    requestedDeliveryDate: date('@requestedDeliveryDate', 'When it is wanted.'),
    originalRequestedDeliveryDate: date('@originalRequestedDeliveryDate', 'When it was wanted first.'),
    requestedShipmentDate: date('@requestedShipmentDate', 'When it should leave.'),
    statisticalDeliveryDate: date('@statisticalDeliveryDate', 'The date that reliability is measured by.'),
    deliveryWindow: text('@deliveryWindow', 'In which span around the date it may come.'),
    commitmentCode: text(
      'ScheduleLineReleaseInfo/@commitmentCode',
      'How binding it is: `firm`, `tradeoff`, `forecast`.',
    ),
    cumulativeScheduledQuantity: decimal(
      'ScheduleLineReleaseInfo/@cumulativeScheduledQuantity',
      'All that is scheduled so far.',
    ),
    receivedQuantity: decimal('ScheduleLineReleaseInfo/@receivedQuantity', 'All that has arrived so far.'),
    releaseUnitOfMeasure: text('ScheduleLineReleaseInfo/UnitOfMeasure', 'Unit of these two.'),
    components: parts(COMPONENT, 'SubcontractingComponent', 'What the buyer provides for it.'),
    shipTo: part(ADDRESSED_PARTY, 'ShipTo', 'Where it goes, if not where the line goes.'),
    dpasRating: text(`${SCHEDULE}/@dpasRating`, 'Defense Priorities and Allocations System: `DO` or `DX`.'),
    dpas: parts(DPAS, `${SCHEDULE}/DPAS`, 'Ratings one by one.'),
    extrinsics: extrinsics(),
  },
);

const SHIP_NOTICE = 'ShipNoticeReleaseInfo/ShipNoticeReference|ShipNoticeIDInfo';

export const RELEASE = table('Release', 'How far a scheduling agreement has been used.', {
  type: text('@releaseType', '`forecast` or `jit`.'),
  number: text('@releaseNumber', 'Number of the release.'),
  cumulativeReceivedQuantity: decimal('@cumulativeReceivedQuantity', 'All that has arrived so far.'),
  unitOfMeasure: text('UnitOfMeasure', 'Its unit.'),
  productionGoAheadEndDate: date('@productionGoAheadEndDate', 'Until when things may be made.'),
  materialGoAheadEndDate: date('@materialGoAheadEndDate', 'Until when material may be bought.'),
  lastShipNoticeId: text(`${SHIP_NOTICE}/@shipNoticeID`, 'The last ship notice that was counted.'),
  lastShipNoticeDate: date(`${SHIP_NOTICE}/@shipNoticeDate`, 'Its date.'),
  lastShipNoticePayloadId: text(
    `${SHIP_NOTICE}/DocumentReference/@payloadID`,
    'payloadID of the message that brought it.',
  ),
  lastShipNoticeReferences: parts(ID_REFERENCE, `${SHIP_NOTICE}/IdReference`, 'Other numbers of it.'),
  lastReceivedQuantity: decimal('ShipNoticeReleaseInfo/@receivedQuantity', 'How much of it arrived.'),
  lastReceivedUnitOfMeasure: text('ShipNoticeReleaseInfo/UnitOfMeasure', 'Unit of that.'),
  extrinsics: extrinsics(),
});

export const PACKAGING = table('Packaging', 'How the thing is or must be packed.', {
  codes: texts('PackagingCode', 'Kinds of package, in words.'),
  dimensions: parts(DIMENSION, 'Dimension', 'Measures of the package.'),
  description: text('Description', 'The package in words.'),
  levelCode: text('PackagingLevelCode', 'Inner or outer package.'),
  typeCode: text('PackageTypeCodeIdentifierCode', 'Code of the kind of package.'),
  serialCode: text('ShippingContainerSerialCode', 'SSCC of the package.'),
  serialCodeReference: text('ShippingContainerSerialCodeReference', 'SSCC of the package it stands in.'),
  globalIndividualAssetId: text('PackageID/GlobalIndividualAssetID', 'GIAI of the package.'),
  returnablePackageId: text('PackageID/ReturnablePackageID', 'Number of a package that goes back.'),
  packageTrackingId: text('PackageID/PackageTrackingID', 'Number to follow the package by.'),
  shippingMarks: texts('ShippingMark', 'What is written on it.'),
  orderedQuantity: decimal('OrderedQuantity/@quantity', 'How much in it was ordered.'),
  orderedUnitOfMeasure: text('OrderedQuantity/UnitOfMeasure', 'Unit of that.'),
  dispatchQuantity: decimal('DispatchQuantity/@quantity', 'How much is sent in it.'),
  dispatchUnitOfMeasure: text('DispatchQuantity/UnitOfMeasure', 'Unit of that.'),
  freeGoodsQuantity: decimal('FreeGoodsQuantity/@quantity', 'How much in it is free of charge.'),
  freeGoodsUnitOfMeasure: text('FreeGoodsQuantity/UnitOfMeasure', 'Unit of that.'),
  quantityVarianceNote: text('QuantityVarianceNote', 'Why quantities differ.'),
  bestBeforeDate: date('BestBeforeDate/@date', 'Until when the contents keep.'),
  assets: parts(ASSET, 'AssetInfo', 'Equipment in it.'),
  medications: parts(
    MEDICATION,
    'PackagingIndustry/PackagingLifeSciences/MedicationListInfo',
    'Medications in it.',
  ),
  storeCode: text('StoreCode', 'The shop it is for.'),
  extrinsics: extrinsics(),
});
