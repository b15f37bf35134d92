# build.sh says which version it is.
Gem::Specification.new do |gem|
  gem.name = "nairi_mock"
  gem.version = ENV.fetch("VERSION")
  gem.summary = "An offline fake of Nairi's Conversations API, for tests in minitest and RSpec"
  gem.description = "Starts the program nairi-mock, gives each test a key of its own, and judges the " \
                    "client at the test's end. The program itself is not in this gem."
  gem.authors = ["The authors of nairi-mock"]
  gem.license = "MIT"
  gem.files = ["nairi_mock.rb", "LICENSE"]
  gem.require_paths = ["."]
  gem.required_ruby_version = ">= 3.1"
end
