/** Orders for what is no ware: fees, labour, travel. */
import { ADDRESS, CONTACT } from './model-address.ts';
import { COMMENT, extrinsics, MONEY, PERIOD, TEXT_IN_LANGUAGE } from './model-basics.ts';
import { MODIFICATION } from './model-charges.ts';
import { PRICE_BASIS } from './model-item.ts';
import { DOMAIN_VALUE } from './model-suppliers.ts';
import { table } from './read-table.ts';
import { date, decimal, flag, part, parts, text } from './table.ts';

const UNIT_RATE = table('UnitRate', 'A price for a unit of time or work.', {
  amount: part(MONEY, 'Money', 'The price.'),
  unitOfMeasure: text('UnitOfMeasure', 'The unit.'),
  priceBasis: part(PRICE_BASIS, 'PriceBasisQuantity', 'What the price is for, when it is not one unit.'),
  term: text('TermReference/@term', 'Value of the term that the price depends on.'),
  termName: text('TermReference/@termName', 'Name of that term.'),
});

const RATE = table('Rate', 'A price and how often it is to be paid.', {
  quantity: decimal('@quantity', 'How often.'),
  total: part(MONEY, 'Total/Money', 'All together.'),
  modifications: parts(MODIFICATION, 'Total/Modifications/Modification', 'Surcharges and discounts.'),
  unitRate: part(UNIT_RATE, 'UnitRate', 'The price.'),
  description: text('Description', 'What it is for.'),
});

const BOOKING_CLASS = {
  bookingClass: text('BookingClassCode/@code', 'Booking class.'),
  bookingClassDomain: text('BookingClassCode/@domain', 'Whose code that is.'),
  bookingClassDescription: text('BookingClassCode/Description', 'The class in words.'),
};

const MEAL = table('Meal', 'A meal.', { ...BOOKING_CLASS, description: text('Description', 'Which meal.') });

const VENDOR = table('Vendor', 'Who provides it.', {
  preferred: flag('@preferred', 'The buyer prefers this one.'),
  address: part(ADDRESS, 'Address', 'Name and address.'),
  identifiers: parts(DOMAIN_VALUE, 'SupplierID', 'Numbers of it.'),
});

/** A stop is an airport or an address. */
const STOP = table('Stop', 'Where a way begins or ends.', {
  airportCode: text('Airport/@airportCode', 'IATA code of the airport.'),
  airport: part(ADDRESS, 'Airport/Address', 'Address of the airport.'),
  address: part(ADDRESS, 'Address', 'Where it is, when it is no airport.'),
});

const LEG = table('Leg', 'One flight or one ride.', {
  travelSegment: text('@travelSegment', 'Which part of the journey it is.'),
  vendor: part(VENDOR, 'Vendor', 'Who flies or drives.'),
  origin: part(STOP, 'AirLegOrigin|RailLegOrigin', 'From where.'),
  destination: part(STOP, 'AirLegDestination|RailLegDestination', 'To where.'),
  departureTime: date('@departureTime', 'When it starts.'),
  arrivalTime: date('@arrivalTime', 'When it ends.'),
  flightNumber: text('@flightNumber', 'Number of the flight.'),
  trainNumber: text('@trainNumber', 'Number of the train.'),
  seatNumber: text('@seatNumber', 'Seat.'),
  seatType: text('@seatType', '`window`, `aisle` or `middle`.'),
  carType: text('@carType', '`sleeper` or `seat`.'),
  upgrade: flag('@upgrade', 'It is an upgrade.'),
  stops: text('@stops', 'Number of stops.'),
  equipment: text('@equipment', 'Kind of aircraft.'),
  ...BOOKING_CLASS,
  rate: part(RATE, 'Rate', 'What it costs.'),
  meals: parts(MEAL, 'Meal', 'Meals.'),
});

const AVAILABLE_PRICE = table('AvailablePrice', 'A price that could have been had.', {
  type: text('@type', 'Which: `lowest`, `lowestCompliant`, …'),
  amount: part(MONEY, 'Money', 'The price.'),
  description: text('Description', 'What for.'),
});

const JOURNEY = {
  tripType: text('TripType/@type', '`round`, `oneWay` or `multiLeg`.'),
  legs: parts(LEG, ['AirLeg', 'RailLeg'], 'Flights or rides, in order.'),
  penalty: part(MONEY, 'Penalty/Money', 'What a change costs.'),
  penaltyDescription: text('Penalty/Description', 'When that is due.'),
  availablePrices: parts(AVAILABLE_PRICE, 'AvailablePrice', 'Prices that could have been had.'),
};

const CAR_FEE = table('CarFee', 'A fee for a car.', {
  type: text('@type', 'What for: `baseRate`, `childSeat`, …'),
  total: part(MONEY, 'Total/Money', 'All together.'),
  modifications: parts(MODIFICATION, 'Total/Modifications/Modification', 'Surcharges and discounts.'),
  rates: parts(RATE, 'Rate', 'What it is made of.'),
});

const VISIT = {
  travelSegment: text('@travelSegment', 'Which part of the journey it is.'),
  vendor: part(VENDOR, 'Vendor', 'Who provides it.'),
  ...BOOKING_CLASS,
  availablePrices: JOURNEY.availablePrices,
};

const JOURNEY_TABLE = table('Journey', 'Flights or train rides.', JOURNEY);

const CAR = table('Car', 'A rented car.', {
  ...VISIT,
  pickupTime: date('@pickupTime', 'When it is picked up.'),
  dropoffTime: date('@dropoffTime', 'When it is returned.'),
  pickup: part(STOP, 'CarRentalPickup', 'Where it is picked up.'),
  dropoff: part(STOP, 'CarRentalDropoff', 'Where it is returned.'),
  fees: parts(CAR_FEE, 'CarRentalFee', 'What it costs.'),
  mileageLimit: decimal('LimitedMileage/@quantity', 'How far it may be driven.'),
  mileageUnitOfMeasure: text('LimitedMileage/UnitOfMeasure', 'Unit of that.'),
});

const HOTEL = table('Hotel', 'A stay at a hotel.', {
  ...VISIT,
  arrivalTime: date('@arrivalTime', 'When the traveller arrives.'),
  departureTime: date('@departureTime', 'When the traveller leaves.'),
  checkinTime: text('@checkinTime', 'From when rooms are ready.'),
  checkoutTime: text('@checkoutTime', 'Until when rooms must be left.'),
  earlyCheckinAllowed: flag('@earlyCheckinAllowed', 'The traveller may come earlier.'),
  lateCheckoutAllowed: flag('@lateCheckoutAllowed', 'The traveller may leave later.'),
  address: part(ADDRESS, 'Address', 'Where it is.'),
  smoking: flag('RoomType/@smoking', 'Smoking is allowed in the room.'),
  numberOfBeds: text('RoomType/@numberOfBed', 'Beds in the room.'),
  bedType: text('RoomType/@bedType', 'Kind of bed.'),
  roomDescription: text('RoomType/Description', 'The room in words.'),
  amenities: parts(TEXT_IN_LANGUAGE, 'RoomType/Amenities*/Description', 'What is in the room.'),
  meals: parts(MEAL, 'Meal', 'Meals.'),
  rates: parts(RATE, 'Rate', 'What it costs.'),
});

const VIOLATION = table('PolicyViolation', "Where the journey breaks the buyer's rules.", {
  level: text('@level', '`warning` or `violation`.'),
  description: text('Description', 'Which rule.'),
  justification: text('PolicyViolationJustification/Description', 'Why all the same.'),
  comment: part(COMMENT, 'Comments', 'What was said about it.'),
});

const TRAVEL = table('Travel', 'A journey that is ordered.', {
  confirmationNumber: text('@confirmationNumber', 'Number of the booking.'),
  pnrLocator: text('@pnrLocator', 'Passenger name record.'),
  quoteExpirationTime: date('@quoteExpirationTime', 'Until when the offer stands.'),
  air: part(JOURNEY_TABLE, 'AirDetail', 'Flights.'),
  rail: part(JOURNEY_TABLE, 'RailDetail', 'Train rides.'),
  car: part(CAR, 'CarRentalDetail', 'A rented car.'),
  hotel: part(HOTEL, 'HotelDetail', 'A hotel.'),
  policyViolations: parts(VIOLATION, 'PolicyViolation', "Where it breaks the buyer's rules."),
  comment: part(COMMENT, 'Comments', 'What was said about it.'),
  terms: parts(TEXT_IN_LANGUAGE, 'TermsAndConditions/Description', 'Terms and conditions.'),
});

const FEE = table('Fee', 'A fee that is ordered.', {
  isRecurring: flag('@isRecurring', 'It is due again and again.'),
  rates: parts(UNIT_RATE, 'UnitRate', 'What it costs.'),
  period: part(PERIOD, 'Period', 'For what time.'),
});

const LABOR = table('Labor', 'Work that is ordered.', {
  supplierReferenceCode: text('@supplierReferenceCode', "The supplier's number of it."),
  rates: parts(UNIT_RATE, 'UnitRate', 'What it costs.'),
  period: part(PERIOD, 'Period', 'For what time.'),
  contractorId: text('Contractor/ContractorIdentifier', 'Number of the person who works.'),
  contractorIdDomain: text('Contractor/ContractorIdentifier/@domain', 'Whose number that is.'),
  contractor: part(CONTACT, 'Contractor/Contact', 'Who works.'),
  jobDescription: text('JobDescription/Description', 'What is to be done.'),
  supervisor: part(CONTACT, 'Supervisor/Contact', 'Who supervises it.'),
  workLocation: part(ADDRESS, 'WorkLocation/Address', 'Where it is done.'),
  extrinsics: extrinsics(),
});

export const SPEND = table('Spend', 'An order for what is no ware.', {
  travel: part(TRAVEL, 'TravelDetail', 'A journey.'),
  fee: part(FEE, 'FeeDetail', 'A fee.'),
  labor: part(LABOR, 'LaborDetail', 'Work.'),
  extrinsics: extrinsics(),
});
