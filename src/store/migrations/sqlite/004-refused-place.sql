-- Where in the document the reason for a refusal stands, as JSON; NULL where nothing was recorded, as before this.

ALTER TABLE refused ADD COLUMN place TEXT;
