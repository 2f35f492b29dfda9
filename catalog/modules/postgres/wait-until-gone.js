import '../../support/wait-until-gone.js';
