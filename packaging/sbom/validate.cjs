// Says where a document is not CycloneDX 1.5:  node validate.cjs FILE
const {readFileSync} = require('node:fs');
const {Spec, Validation} = require('@cyclonedx/cyclonedx-library');

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
validator.validate(readFileSync(process.argv[2], 'utf8')).then((mistakes) => {
  if (mistakes === null) return;
  console.error(mistakes);
  process.exitCode = 1;
});
