"""What stands beside and around the photo: critique, crops, questions, start page."""
