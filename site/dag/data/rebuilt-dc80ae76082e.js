(window.fftData??={})["rebuilt"]=JSON.parse('[[1,3,2],[1,5]]');
