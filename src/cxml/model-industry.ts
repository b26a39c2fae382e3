/** What single industries add: retail, life sciences, aerospace and defense, quality, equipment. */
import { CONTACT } from './model-address.ts';
import { extrinsics, ID_REFERENCE } from './model-basics.ts';
import { CHARACTERISTIC } from './model-item.ts';
import { table } from './read-table.ts';
import { date, decimal, flag, part, parts, text, texts, within } from './table.ts';

export const PROPERTY = table('Property', 'A property and its values.', {
  name: text('@name', 'Which property.'),
  characteristics: parts(CHARACTERISTIC, 'Characteristic', 'Its values.'),
});

export const MEDICATION = table('MedicationList', 'Medications by number.', {
  type: text('@type', '`range`: from and to.'),
  properties: parts(PROPERTY, 'PropertyValue', 'The numbers.'),
});

export const DPAS = table('Dpas', 'A rating of the Defense Priorities and Allocations System.', {
  rating: text('@rating', 'The rating.'),
  contract: text('@contract', 'The contract it is for.'),
  quantity: decimal('@quantity', 'How much it is for.'),
});

export const ASSET = table('Asset', 'A piece of equipment that the order is about.', {
  isReferencedAsset: flag('@isReferencedAsset', 'False: it is not the one referred to.'),
  tagNumber: text('@tagNumber', 'Its tag.'),
  serialNumber: text('@serialNumber', 'Its serial number.'),
  location: text('@location', 'Where it is.'),
  equipmentId: text('@equipmentId', "The buyer's number of it."),
  extrinsics: extrinsics(),
});

const DOCUMENT_DATE = table('DocumentDate', 'A date of a document, and what it is of.', {
  type: text('@type', 'What happens then: `expectedShipmentDate`, …'),
  date: date('@date', 'When.'),
  extrinsics: extrinsics(),
});

const DOCUMENT = table('ReferenceDocument', 'Another document that this one belongs to.', {
  documentId: text('DocumentInfo/@documentID', 'Its number.'),
  documentType: text('DocumentInfo/@documentType', 'What it is.'),
  documentDate: date('DocumentInfo/@documentDate', 'Its date.'),
  payloadId: text('DocumentReference/@payloadID', 'payloadID of the message that brought it.'),
  lineNumber: text('@lineNumber', 'Line in it.'),
  scheduleLineNumber: text('@scheduleLineNumber', 'Schedule line in it.'),
  status: text('@status', 'How far it is: `created`, `released`, `open`, …'),
  dates: parts(DOCUMENT_DATE, 'DateInfo', 'Its dates.'),
  contacts: parts(CONTACT, 'Contact', 'Whom to ask about it.'),
  extrinsics: extrinsics(),
});

const PRIORITY = table('Priority', 'How urgent it is.', {
  level: text('@level', '1 is the highest, 5 the lowest.'),
  sequence: text('@sequence', 'Which of the same level comes first.'),
  inventoryLevel: text('@inventory_level', 'How much the buyer still has.'),
  description: text('Description', 'The same in words.'),
});

const CERTIFICATE = table('QualityCertificate', 'A certificate that comes with the goods.', {
  isRequired: flag('@isRequired', 'The buyer demands it.'),
  reference: part(ID_REFERENCE, 'IdReference', 'Which certificate.'),
});

const QUALITY = table('Quality', 'What the buyer wants to know about quality.', {
  requiresQualityProcess: flag('@requiresQualityProcess', 'Goods go through an inspection.'),
  references: parts(ID_REFERENCE, 'IdReference', 'Numbers of what applies.'),
  certificates: parts(CERTIFICATE, 'CertificateInfo', 'Certificates.'),
});

/** Alike at the order and at a line. */
const SHARED = {
  documents: parts(DOCUMENT, 'ReferenceDocumentInfo', 'Documents that belong to it.'),
  priority: part(PRIORITY, 'Priority', 'How urgent it is.'),
  quality: part(QUALITY, 'QualityInfo', 'What the buyer wants to know about quality.'),
  assets: parts(ASSET, 'AssetInfo', 'Equipment it is about.'),
};

export const ORDER_INDUSTRY = table('OrderIndustry', 'What single industries add to an order.', {
  industryType: text('@industryType', '`lifeSciences` or `aerospaceAndDefense`.'),
  ...SHARED,
  externalDocumentType: text('ExternalDocumentType/@documentType', "Kind of document in the buyer's system."),
  externalDocumentDescription: text('ExternalDocumentType/Description', 'The same in words.'),
  orderCategory: text('LifeSciences/@orderCategory', 'Kind of order in life sciences.'),
  dpas: part(DPAS, 'DPAS', 'Rating of the order.'),
  authorizationLabels: parts(
    ID_REFERENCE,
    'AuthorizationLabels/IdReference',
    'Labels under which it is authorised.',
  ),
  ...within('AerospaceAndDefense', {
    acknowledgementRequired: flag('@acknowledgementRequired', 'The rating must be acknowledged.'),
    defenseDpas: part(DPAS, 'DPAS', 'Rating of the order in aerospace and defense.'),
    defenseAuthorizationLabels: parts(
      ID_REFERENCE,
      'AuthorizationLabels/IdReference',
      'Labels in aerospace and defense.',
    ),
  }),
});

const STORE_SHARE = table('StoreShare', 'How much goes to one shop.', {
  storeCode: text('StoreCode', 'The shop.'),
  quantity: decimal('@quantity', 'How much.'),
  unitOfMeasure: text('UnitOfMeasure', 'Of what.'),
});

export const LINE_INDUSTRY = table('LineIndustry', 'What single industries add to a line.', {
  planningType: text('@planningType', 'Made to order or to stock: `MTO`, `MTS`, `ATO`, `CTO`.'),
  requiresRealTimeConsumption: flag('@requiresRealTimeConsumption', 'Consumption is to be told at once.'),
  isHandlingUnitMandatory: flag('@isHUMandatory', 'Packages must be told in the ship notice.'),
  ...SHARED,
  promotionVariantId: text('ItemOutRetail/PromotionVariantID', 'Variant for a promotion.'),
  promotionDealId: text('ItemOutRetail/PromotionDealID', 'The promotion.'),
  ...within('SerialNumberInfo', {
    requiresSerialNumber: flag('@requiresSerialNumber', 'Serial numbers are wanted.'),
    serialNumberType: text('@type', 'How serial numbers are given: `list`, `profile`, `range`.'),
    serialNumbers: texts('SerialNumber', 'The serial numbers.'),
    serialNumberProperties: parts(PROPERTY, 'PropertyValue', 'What serial numbers must look like.'),
  }),
  requiresBatch: flag('BatchInfo/@requiresBatch', 'A batch number is wanted.'),
  stores: parts(STORE_SHARE, 'PackagingDistribution', 'How the goods are divided among shops.'),
  ...within('ItemOutLifeSciences', {
    isPooled: flag('@isCFGPooled', 'Clinical goods may be pooled.'),
    studyId: text('Study/StudyID', 'The clinical study.'),
    studyDescription: text('Study/Description', 'The study in words.'),
    kitTypeId: text('KitType/KitTypeID', 'Kind of kit.'),
    kitTypeDescription: text('KitType/Description', 'The kit in words.'),
    protocolId: text('ProtocolID', 'Protocol of the study.'),
    packageControlNumber: text('PackageControlNumber', 'Number that controls the package.'),
    packageControlNumberExpiryDate: date(
      'PackageControlNumber/@packageControlNumberExpiryDate',
      'When that number expires.',
    ),
    isPackageControlNumberReleased: flag(
      'PackageControlNumber/@isPackageControlNumberReleased',
      'That number is released.',
    ),
    poolId: text('PoolID', 'The pool.'),
    medications: parts(MEDICATION, 'MedicationListInfo', 'Medications by number.'),
    extrinsics: extrinsics(),
  }),
  dpasRating: text(
    'ItemOutAerospaceAndDefense/@dpasRating',
    'Defense Priorities and Allocations System: `DO` or `DX`.',
  ),
  dpas: parts(DPAS, 'ItemOutAerospaceAndDefense/DPAS', 'Ratings one by one.'),
  requiresUniqueId: flag('IUIDInfo/@requiresIUID', 'Unique identification numbers are wanted.'),
  uniqueIds: texts('IUIDInfo/IUIDNumber', 'Those numbers.'),
});
